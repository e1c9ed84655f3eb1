// Stands between a client and a gateway and keeps every byte with its direction and time, as a capture would.

import { once } from "node:events";
import net from "node:net";
import { PcapWriter } from "./pcap.ts";
import { packetsIn } from "./soup-packets.ts";

const WAIT_MS_MAX = 60_000;

interface Chunk {
  readonly isFromClient: boolean;
  readonly epochNs: bigint;
  readonly bytes: Buffer;
}

/** For one connection at a time; they are recorded one behind the other. */
export class RecordingProxy {
  readonly host = "127.0.0.1";
  port = 0;
  private readonly chunks: Chunk[] = [];
  private readonly server: net.Server;
  private readonly target: { host: string; port: number };
  private clientPort = 0;

  private constructor(target: { host: string; port: number }) {
    this.target = target;
    this.server = net.createServer((client) => this.join(client));
  }

  static async start(target: { host: string; port: number }): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(target);
    proxy.server.listen(0, proxy.host);
    await once(proxy.server, "listening");
    proxy.port = (proxy.server.address() as net.AddressInfo).port;
    return proxy;
  }

  stop(): void {
    this.server.close();
  }

  /** "X:payload" for each packet of one direction. */
  packets(from: "client" | "server"): string[] {
    return packetsIn(this.bytesOf(from));
  }

  /** Resolves when that direction has had so many packets of a type. */
  async until(from: "client" | "server", type: string, count: number): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    const seen = (): number =>
      this.packets(from).filter((packet) => packet.startsWith(`${type}:`)).length;
    while (seen() < count) {
      await once(this.server, "recorded", { signal }).catch((error: unknown) => {
        throw new Error(`only ${seen()} packets ${type} from the ${from}`, { cause: error });
      });
    }
  }

  /** What was recorded as a pcap file, with the gateway's port as it is. */
  pcap(): Buffer {
    const writer = new PcapWriter(this.clientPort, this.target.port, this.chunks[0]?.epochNs ?? 0n);
    for (const { isFromClient, epochNs, bytes } of this.chunks) {
      if (isFromClient) writer.fromClient(bytes, epochNs);
      else writer.fromServer(bytes, epochNs);
    }
    return writer.file();
  }

  private bytesOf(from: "client" | "server"): Buffer {
    const own = this.chunks.filter(({ isFromClient }) => isFromClient === (from === "client"));
    return Buffer.concat(own.map(({ bytes }) => bytes));
  }

  private join(client: net.Socket): void {
    const server = net.connect({ ...this.target, noDelay: true });
    client.setNoDelay(true);
    this.clientPort = client.remotePort ?? 0;
    this.record(client, true);
    this.record(server, false);
    client.pipe(server).pipe(client);
    client.on("error", () => server.destroy());
    server.on("error", () => client.destroy());
  }

  private record(socket: net.Socket, isFromClient: boolean): void {
    socket.on("data", (bytes: Buffer) => {
      const epochNs = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
      this.chunks.push({ isFromClient, epochNs, bytes });
      this.server.emit("recorded");
    });
  }
}

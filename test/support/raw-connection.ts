// A TCP connection to a gateway that sends any bytes and sees the packets that come, and the way the end comes.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import net from "node:net";
import { packetsIn } from "./soup-packets.ts";

const WAIT_MS_MAX = 60_000;
const HEARTBEAT = "H:";

export interface RawEnd {
  /** "X:payload" for each packet of the connection, heartbeats left out. */
  readonly packets: readonly string[];
  /** False: the peer said FIN, and everything it had sent could be read. */
  readonly isReset: boolean;
}

export class RawConnection {
  readonly socket: net.Socket;
  private readonly chunks: Buffer[] = [];
  private readonly news = new EventEmitter();
  private errno = "";
  private hasFin = false;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.news.emit("news");
    });
    socket.on("close", () => this.news.emit("news"));
    socket.on("end", () => {
      this.hasFin = true;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.errno = error.code ?? error.message;
    });
  }

  static async open(address: { host: string; port: number }): Promise<RawConnection> {
    const { host, port } = address;
    const connection = new RawConnection(net.connect({ host, port, noDelay: true }));
    await once(connection.socket, "connect");
    return connection;
  }

  send(bytes: Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  /** Resolves when these bytes have been handed to the kernel. */
  sent(bytes: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.socket.write(bytes, () => resolve());
    return promise;
  }

  /** "X:payload" for each packet so far, heartbeats left out. */
  get packets(): string[] {
    return this.allPackets.filter((packet) => packet !== HEARTBEAT);
  }
  get allPackets(): string[] {
    return packetsIn(Buffer.concat(this.chunks));
  }

  /** Resolves when there are so many packets that `isEnough`; fails when the connection ends before, or in time. */
  async until(what: string, isEnough: (packets: string[]) => boolean): Promise<string[]> {
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    for (;;) {
      const packets = this.allPackets;
      if (isEnough(packets)) return packets;
      const soFar = `so far: ${packets.join(" ")} ${this.errno}`;
      assert.ok(!this.hasFin && !this.socket.destroyed, `ended before ${what}; ${soFar}`);
      await once(this.news, "news", { signal }).catch(() =>
        assert.fail(`waited in vain for ${what}; ${soFar}`),
      );
    }
  }

  /** The first packet of that type, its payload. */
  async untilPacket(type: string): Promise<string> {
    const isIt = (packet: string): boolean => packet.startsWith(`${type}:`);
    const packets = await this.until(`a packet ${type}`, (all) => all.some(isIt));
    return packets.find(isIt)?.slice(2) ?? "";
  }

  /** Everything, when the peer has closed. */
  async ended(): Promise<RawEnd> {
    if (!this.socket.destroyed) {
      const signal = AbortSignal.timeout(WAIT_MS_MAX);
      await once(this.socket, "close", { signal }).catch(() => {
        this.socket.destroy();
        assert.fail(`the peer did not close; so far: ${this.packets.join(" ")}`);
      });
    }
    return { packets: this.packets, isReset: !this.hasFin };
  }

  close(): void {
    this.socket.destroy();
  }
}

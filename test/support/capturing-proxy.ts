// Stands between any number of clients and a gateway and captures what passes: a twin of the gateway's own capture that
// shares nothing with it but the file's layout.

import { once } from "node:events";
import net from "node:net";
import { CaptureFileWriter } from "../../src/capture/capture-file-writer.ts";
import {
  CAPTURE_KIND,
  CAPTURE_VERSION,
  type CaptureInfo,
  CLOSED_BY,
} from "../../src/capture/capture-record.ts";
import { LoginBlanker } from "../../src/capture/login-blanker.ts";
import type { TestHooks } from "./gateway.ts";

const WAIT_MS_MAX = 60_000;
const NOTHING = Buffer.alloc(0);

export const testCaptureInfo = (): CaptureInfo => ({
  version: CAPTURE_VERSION,
  protocol: "SoupBinTCP 3.00 / OUCH 5.0",
  origin: "test",
  host: "here",
  node: process.version,
  cpu: "any",
  configHash: "",
  session: "",
  anchorNs: 0,
  anchorEpochMs: performance.timeOrigin,
});

export class CapturingProxy {
  readonly host = "127.0.0.1";
  port = 0;
  private readonly writer: CaptureFileWriter;
  private readonly target: { host: string; port: number };
  private readonly server: net.Server;
  private readonly sockets = new Set<net.Socket>();
  private open = 0;
  private connections = 0;
  /** From clients. */
  chunks = 0;
  /** What is captured from now on is told to have come so much later. */
  delayNs = 0;

  private constructor(target: { host: string; port: number }, file: string) {
    this.target = target;
    this.writer = new CaptureFileWriter(file, testCaptureInfo());
    this.server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) =>
      this.join(client),
    );
  }

  /** Ends with the test, whatever is still open. */
  static async start(
    hooks: TestHooks,
    target: { host: string; port: number },
    file: string,
  ): Promise<CapturingProxy> {
    const proxy = new CapturingProxy(target, file);
    hooks.after(() => proxy.die());
    proxy.server.listen(0, proxy.host);
    await once(proxy.server, "listening");
    proxy.port = (proxy.server.address() as net.AddressInfo).port;
    return proxy;
  }

  /** All connections break, and nobody is there any more. */
  die(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  /** Resolves when all connections are gone and the file is whole. */
  async stop(): Promise<void> {
    this.server.close();
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    while (this.open > 0) await once(this.server, "gone", { signal });
    this.writer.close();
  }

  private join(client: net.Socket): void {
    this.connections++;
    this.open++;
    const id = this.connections;
    const { host, port } = this.target;
    const server = net.connect({ host, port, noDelay: true, allowHalfOpen: true });
    for (const socket of [client, server]) this.sockets.add(socket);
    const blanker = new LoginBlanker({ isLoggedIn: false });
    let closedBy: number = CLOSED_BY.UNKNOWN;
    let sidesOpen = 2;
    const { remoteAddress, remotePort } = client;
    this.add(id, CAPTURE_KIND.CONNECT, 0, JSON.stringify({ remoteAddress, remotePort }));
    client.on("data", (bytes: Buffer) => {
      const copy = Buffer.from(bytes);
      blanker.blank(copy, 0, copy.length);
      this.add(id, CAPTURE_KIND.IN, 0, copy);
      server.write(bytes);
      this.chunks++;
      this.server.emit("chunk");
    });
    server.on("data", (bytes: Buffer) => {
      this.add(id, CAPTURE_KIND.OUT, 0, bytes);
      client.write(bytes);
    });
    client.on("end", () => {
      closedBy ||= CLOSED_BY.CLIENT;
      this.add(id, CAPTURE_KIND.END, 0, NOTHING);
      server.end();
    });
    server.on("end", () => {
      closedBy ||= CLOSED_BY.SERVER;
      client.end();
    });
    client.on("error", () => server.destroy());
    server.on("error", () => client.destroy());
    const onClose = (): void => {
      sidesOpen--;
      if (sidesOpen > 0) return;
      this.add(id, CAPTURE_KIND.CLOSE, closedBy, NOTHING);
      this.open--;
      this.server.emit("gone");
    };
    client.on("close", onClose);
    server.on("close", onClose);
  }

  /** Resolves when the clients have sent so many chunks. */
  async untilChunks(count: number): Promise<void> {
    const signal = AbortSignal.timeout(WAIT_MS_MAX);
    while (this.chunks < count) await once(this.server, "chunk", { signal });
  }

  private add(id: number, kind: number, detail: number, payload: Buffer | string): void {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    this.writer.add(kind, 0, id, detail, performance.now() * 1e6 + this.delayNs, bytes);
  }
}

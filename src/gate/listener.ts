// The port: Nagle off, TCP keep-alive, one connection per turn as libuv has it (E27). The gate counts connections
// itself, as the server loses sight of them when their handles move (E28).
//
// Between two sessions there is no gate that takes anybody: newcomers wait, unread, for the next one.

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FaultError } from "../base/fault.ts";
import { acceptSocket, ReadTurns, ReceiveBuffer, type ReceiveMode } from "./accepted-socket.ts";
import type { GateConfig } from "./gate-config.ts";
import type { GateSocket } from "./gate-socket.ts";
import { YoungGeneration } from "./young-generation.ts";

const KEEP_ALIVE_MS = 30_000;
/** Of those who waited, so many in one turn: the next gate has others to serve. */
const ADMISSIONS_MAX = 16;

export interface AcceptingGate {
  accept(socket: GateSocket): boolean;
  /** Its session is over: whoever comes now is the next gate's. */
  readonly isEnding: boolean;
}

export class Listener {
  private readonly server: Server;
  private readonly receive = new ReceiveBuffer();
  private readonly turns = new ReadTurns();
  private readonly young: YoungGeneration;
  private readonly mode: ReceiveMode;
  private gate: AcceptingGate | undefined;
  /** In the order in which they came. Not read, so that nothing of them is lost and nobody's going is noticed. */
  private waiting: Socket[] = [];
  private waitingMax = 0;
  private readonly admitSome = (): void => {
    for (let left = ADMISSIONS_MAX; left > 0 && this.isTaking; left--) {
      const accepted = this.waiting.shift();
      if (accepted === undefined) return;
      this.admit(accepted);
    }
    this.admitWaiting();
  };

  constructor(
    gate: AcceptingGate | undefined,
    mode: ReceiveMode = "onread",
    young: YoungGeneration = new YoungGeneration(),
  ) {
    const options = {
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    };
    this.gate = gate;
    this.mode = mode;
    this.young = young;
    this.server = createServer(options, (accepted: Socket) => {
      if (this.isTaking && this.waiting.length === 0) this.admit(accepted);
      else this.keep(accepted);
    });
  }

  /** Newcomers of before. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Resolves with the address when the port takes connections; rejects with a FaultError. */
  open({ host, port, backlog, pendingMax }: GateConfig["listen"]): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
    const { server } = this;
    this.waitingMax = pendingMax;
    const onError = (error: NodeJS.ErrnoException): void => {
      const errno = error.code ?? error.message;
      reject(new FaultError({ code: "LISTEN_FAILED", host, port, errno }));
    };
    server.once("error", onError);
    server.listen({ host, port, backlog }, () => {
      server.off("error", onError);
      resolve(server.address() as AddressInfo);
    });
    return promise;
  }

  /** Who takes newcomers from now on, those who wait first. Undefined: they wait. */
  setGate(gate: AcceptingGate | undefined): void {
    this.gate = gate;
    this.admitWaiting();
  }

  /** No more newcomers; those who are here stay. */
  close(): void {
    this.server.close();
    for (const accepted of this.waiting) accepted.destroy();
    this.waiting = [];
  }

  private get isTaking(): boolean {
    return this.gate !== undefined && !this.gate.isEnding;
  }

  private keep(accepted: Socket): void {
    // A gate that is ending turns them away: counted, and with a line in the order log.
    if (this.waiting.length >= this.waitingMax) {
      this.admit(accepted);
      return;
    }
    // Whoever goes meanwhile is found out when he is read.
    accepted.on("error", () => undefined);
    this.waiting.push(accepted);
  }

  private admit(accepted: Socket): void {
    const socket = acceptSocket(accepted, this.receive, this.turns, this.mode);
    if (this.gate?.accept(socket) !== true) socket.destroy();
    this.young.add();
  }

  private admitWaiting(): void {
    if (this.waiting.length > 0 && this.isTaking) setImmediate(this.admitSome);
  }
}

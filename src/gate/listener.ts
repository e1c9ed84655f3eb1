// The port: Nagle off, TCP keep-alive, one connection per turn as libuv has it (E27). The gate counts connections
// itself, as the server loses sight of them when their handles move (E28).

import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { FaultError } from "../base/fault.ts";
import { acceptSocket, ReadTurns, ReceiveBuffer, type ReceiveMode } from "./accepted-socket.ts";
import type { GateConfig } from "./gate-config.ts";
import type { GateSocket } from "./gate-socket.ts";

const KEEP_ALIVE_MS = 30_000;

export interface AcceptingGate {
  accept(socket: GateSocket): boolean;
}

export class Listener {
  private readonly server: Server;
  private readonly receive = new ReceiveBuffer();
  private readonly turns = new ReadTurns();

  constructor(gate: AcceptingGate, mode: ReceiveMode = "onread") {
    const options = {
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    };
    this.server = createServer(options, (accepted: Socket) => {
      const socket = acceptSocket(accepted, this.receive, this.turns, mode);
      if (!gate.accept(socket)) socket.destroy();
    });
  }

  /** Resolves with the address when the port takes connections; rejects with a FaultError. */
  open({ host, port, backlog }: GateConfig["listen"]): Promise<AddressInfo> {
    const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
    const { server } = this;
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

  /** No more newcomers; those who are here stay. */
  close(): void {
    this.server.close();
  }
}

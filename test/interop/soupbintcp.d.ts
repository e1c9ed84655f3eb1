// As much of npm's soupbintcp as tests and benches use; the package brings no types.

declare module "soupbintcp" {
  import type { EventEmitter } from "node:events";
  import type { AddressInfo } from "node:net";

  interface LoginRequest {
    readonly username: string;
    readonly password: string;
    readonly requestedSession: string;
    readonly requestedSequenceNumber: number;
  }

  interface ClientEvents {
    connect: [];
    accept: [{ readonly session: string; readonly sequenceNumber: number }];
    reject: [{ readonly rejectReasonCode: string }];
    message: [Buffer];
    ending: [];
    end: [];
    error: [Error];
  }

  class Client extends EventEmitter<ClientEvents> {
    constructor(options: { readonly host: string; readonly port: number });
    login(request: LoginRequest): void;
    send(message: Buffer): void;
    logout(): void;
    end(): void;
  }

  interface SessionEvents {
    login: [LoginRequest];
    logout: [];
    message: [Buffer];
    end: [];
    error: [Error];
  }

  class Session extends EventEmitter<SessionEvents> {
    accept(answer: { readonly session: string; readonly sequenceNumber: number }): void;
    send(message: Buffer): void;
    end(): void;
  }

  class Server extends EventEmitter<{ session: [Session] }> {
    constructor(
      options: { readonly host: string; readonly port: number; readonly backlog?: number },
      onListening?: () => void,
    );
    address(): AddressInfo | string | null;
  }

  const soupbintcp: { readonly Client: typeof Client; readonly Server: typeof Server };
  export default soupbintcp;
}

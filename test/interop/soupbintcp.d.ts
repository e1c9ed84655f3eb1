// As much of npm's soupbintcp as the test uses; the package brings no types.

declare module "soupbintcp" {
  import type { EventEmitter } from "node:events";

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

  const soupbintcp: { readonly Client: typeof Client };
  export default soupbintcp;
}

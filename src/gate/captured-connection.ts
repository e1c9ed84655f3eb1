// What a capture knows of one connection: its number there, where its packets stand, and what the file has not been told
// for want of room. Main thread.

import type { LossFacts } from "../capture/capture-record.ts";
import { LoginBlanker } from "../capture/login-blanker.ts";
import type { CaptureTap } from "./capture-tap.ts";

const NOT_YET = -1;

/** Chunks that found no room since the file was told last. */
export class Loss {
  private readonly direction: LossFacts["direction"];
  chunks = 0;
  bytes = 0;

  constructor(direction: LossFacts["direction"]) {
    this.direction = direction;
  }

  add(bytes: number): void {
    this.chunks++;
    this.bytes += bytes;
  }
  get facts(): LossFacts {
    const { direction, chunks, bytes } = this;
    return { direction, chunks, bytes };
  }
  forget(): void {
    this.chunks = 0;
    this.bytes = 0;
  }
}

export class CapturedConnection {
  /** Of which capture: one that is over leaves its connections as they are. */
  readonly tap: CaptureTap;
  /** Unique within the capture. */
  readonly number: number;
  readonly blanker: LoginBlanker;
  readonly lossIn = new Loss("in");
  readonly lossOut = new Loss("out");
  /** It is among those that owe the file something: the rest of the connection waits behind that. */
  isOwing = false;
  owesConnect = true;
  /** The next that it is sent begins within a packet: nobody could read what follows. */
  skipsOut = false;
  /** When it came, and what CONNECT says of it. */
  readonly connectNs: number;
  readonly connectFlags: number;
  readonly connectFacts: Buffer;
  /** When the client said FIN, and whether the file knows. */
  endNs = NOT_YET;
  owesEnd = false;
  closeNs = NOT_YET;
  owesClose = false;
  closedBy = 0;

  constructor(
    tap: CaptureTap,
    number: number,
    blanker: { readonly isLoggedIn: boolean; readonly packetBytesMax: number },
    connect: { readonly atNs: number; readonly flags: number; readonly facts: Buffer },
  ) {
    this.tap = tap;
    this.number = number;
    this.blanker = new LoginBlanker(blanker);
    this.connectNs = connect.atNs;
    this.connectFlags = connect.flags;
    this.connectFacts = connect.facts;
  }

  get hasEnded(): boolean {
    return this.endNs !== NOT_YET;
  }
}

// One direction of an imported connection: what TCP put in order becomes the chunks of a capture. Where the stream is
// seen from somewhere on, or bytes of it are lost, it goes on with the next whole packet. Passwords are blanked here.

import { CAPTURE_KIND, type LossFacts } from "../../capture/capture-record.ts";
import { LoginBlanker } from "../../capture/login-blanker.ts";
import { INBOUND_PACKET_BYTES_MAX } from "../../config/config-rules.ts";
import { type Direction, findPacketStart } from "./packet-walk.ts";
import type { HalfSink } from "./tcp-half.ts";

/** A record of the connection, at the time of the packet that is being read. */
export type AddRecord = (kind: number, flags: number, detail: number, payload: Buffer) => void;

/** Where no packet starts in so many bytes, the first of them are given up. */
const UNFRAMED_BYTES_MAX = 64 * 1024;
const UNFRAMED_BYTES_KEPT = 8 * 1024;

export class ImportedStream implements HalfSink {
  bytes = 0;
  lostBytes = 0;
  /** Before the first whole packet of a stream that was under way. */
  leadingBytes = 0;
  private readonly direction: Direction;
  private readonly add: AddRecord;
  private readonly onEnd: (isReset: boolean) => void;
  private blanker = new LoginBlanker({
    isLoggedIn: false,
    packetBytesMax: INBOUND_PACKET_BYTES_MAX,
  });
  private isFramed = true;
  private isMid = false;
  /** What came since the framing was lost. */
  private unframed: Buffer = Buffer.alloc(0);
  private unframedChunks = 0;
  private droppedBytes = 0;

  constructor(direction: Direction, add: AddRecord, onEnd: (isReset: boolean) => void) {
    this.direction = direction;
    this.add = add;
    this.onEnd = onEnd;
  }

  /** Bytes before what follows were not seen. */
  startInTheMiddle(): void {
    this.isMid = true;
    this.isFramed = false;
  }

  onBytes(bytes: Buffer): void {
    if (this.isFramed) {
      this.addChunk(bytes);
      return;
    }
    this.unframed = Buffer.concat([this.unframed, bytes]);
    this.unframedChunks++;
    const start = findPacketStart(this.unframed, this.direction);
    if (start >= 0) this.frame(start);
    else if (this.unframed.length > UNFRAMED_BYTES_MAX) {
      const dropped = this.unframed.length - UNFRAMED_BYTES_KEPT;
      this.droppedBytes += dropped;
      this.unframed = this.unframed.subarray(dropped);
    }
  }

  onLost(bytes: number): void {
    const more = this.giveUpUnframed();
    this.isFramed = false;
    this.addLoss(more.chunks, bytes + more.bytes);
  }

  onFin(isReset: boolean): void {
    this.end();
    this.onEnd(isReset);
  }

  /** Nothing follows. */
  end(): void {
    const { chunks, bytes } = this.giveUpUnframed();
    if (bytes > 0) this.addLoss(chunks, bytes);
  }

  private frame(start: number): void {
    const droppedBytes = this.droppedBytes + start;
    if (this.isMid) this.leadingBytes += droppedBytes;
    else if (droppedBytes > 0) this.addLoss(0, droppedBytes);
    const framed = this.unframed.subarray(start);
    this.isMid = false;
    this.isFramed = true;
    this.clearUnframed();
    // It is a packet that starts here; whether a login came before it is not known, and one that follows is blanked.
    this.blanker = new LoginBlanker({ isLoggedIn: true, packetBytesMax: INBOUND_PACKET_BYTES_MAX });
    this.addChunk(framed);
  }

  private addChunk(chunk: Buffer): void {
    if (this.direction === "in") this.blanker.blank(chunk, 0, chunk.length);
    this.bytes += chunk.length;
    this.add(this.direction === "in" ? CAPTURE_KIND.IN : CAPTURE_KIND.OUT, 0, 0, chunk);
  }

  private addLoss(chunks: number, bytes: number): void {
    const facts: LossFacts = { direction: this.direction, chunks, bytes };
    this.lostBytes += bytes;
    this.isMid = false;
    this.add(CAPTURE_KIND.LOST, 0, 0, Buffer.from(JSON.stringify(facts)));
  }

  private giveUpUnframed(): { chunks: number; bytes: number } {
    const given = {
      chunks: this.unframedChunks,
      bytes: this.droppedBytes + this.unframed.length,
    };
    this.clearUnframed();
    return given;
  }

  private clearUnframed(): void {
    this.unframed = Buffer.alloc(0);
    this.unframedChunks = 0;
    this.droppedBytes = 0;
  }
}

// What a session has to send: packets are written in place, and one write hands them to the socket.
// A buffer that the kernel did not take at once belongs to the socket until that write's callback (E23), so the
// queue goes on in another one; buffers are reused, and only a peer that does not read makes them grow in number.

import type { Socket } from "node:net";
import { assert } from "../../base/assert.ts";

const BUFFER_BYTES = 32 * 1024;
/** 64 MiB for a peer that does not read: then the session ends instead of eating the machine. */
const BUFFERS_MAX = 2048;

interface SendBuffer {
  readonly bytes: Buffer;
  readonly view: DataView;
}

function newSendBuffer(): SendBuffer {
  const bytes = Buffer.alloc(BUFFER_BYTES);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

export class SendQueue {
  private readonly socket: Socket;
  private readonly free: SendBuffer[] = [];
  private current = newSendBuffer();
  private used = 0;
  private inFlight = 0;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  get view(): DataView {
    return this.current.view;
  }

  get bytes(): Buffer {
    return this.current.bytes;
  }

  /** Too much is waiting for a peer that does not read. */
  get isFull(): boolean {
    return this.inFlight >= BUFFERS_MAX;
  }

  /** Offset in view and bytes at which a packet of up to packetBytesMax may be written, until commit(). */
  claim(packetBytesMax: number): number {
    assert(packetBytesMax <= BUFFER_BYTES, "packet is larger than a send buffer");
    if (this.used + packetBytesMax > BUFFER_BYTES) this.flush();
    return this.used;
  }

  commit(packetBytes: number): void {
    this.used += packetBytes;
  }

  /** Any bytes, also more than a buffer holds. */
  append(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (this.used === BUFFER_BYTES) this.flush();
      const count = Math.min(BUFFER_BYTES - this.used, bytes.length - from);
      this.current.bytes.set(bytes.subarray(from, from + count), this.used);
      this.used += count;
      from += count;
    }
  }

  flush(): void {
    if (this.used === 0) return;
    const sending = this.current;
    const whole = this.used === BUFFER_BYTES ? sending.bytes : sending.bytes.subarray(0, this.used);
    this.used = 0;
    if (this.socket.destroyed || this.socket.writableEnded) return;
    // Without a callback a write costs no closure; the empty one behind a partial write says when it is through.
    this.socket.write(whole);
    if (this.socket.writableLength === 0) return;
    this.inFlight++;
    this.current = this.free.pop() ?? newSendBuffer();
    this.socket.write("", () => {
      this.inFlight--;
      this.free.push(sending);
    });
  }
}

// Where a capture is taken: what sockets gave, before anything looks at it, and what they are given. Each chunk is copied
// once, into the ring to the scribe, and blanked there. Main thread, on the path of every order while a capture runs;
// nothing but a look at the switch while none does.

import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  CLOSED_BY,
  type ConnectFacts,
} from "../capture/capture-record.ts";
import { CAPTURE_FULL, type CaptureRingProducer } from "../capture/capture-ring.ts";
import { CapturedConnection, type Loss } from "./captured-connection.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { SendChain } from "./send-chain.ts";

/** One write may be larger than the ring, with a large window: it then is several records of the same moment. */
const OUT_BYTES_MAX = 256 * 1024;

/** Whether there is a capture. The gates of all sessions look here. */
export class CaptureSwitch {
  tap: CaptureTap | undefined = undefined;
}

export class CaptureTap {
  private readonly ring: CaptureRingProducer;
  private readonly packetBytesMax: number;
  private readonly owing = new Set<CapturedConnection>();
  private latestNumber = 0;

  /** `packetBytesMax` as the gate has it: whose packet is longer has no framing any more. */
  constructor(ring: CaptureRingProducer, packetBytesMax: number) {
    this.ring = ring;
    this.packetBytesMax = packetBytesMax;
  }

  /** A connection that nothing was read from. */
  onConnect(connection: Connection, atNs: number): void {
    connection.captured = this.begin(connection, 0, atNs);
  }

  /**
   * A connection that was there before the capture: what was read from it and not handed on is its first chunk.
   * `isWhole`: no packet to it is under way.
   */
  onFound(connection: Connection, atNs: number, isWhole: boolean): void {
    // What such a one still sends is thrown away, and where its packets begin nobody knows.
    if (connection.phase === PHASE.CLOSING) return;
    connection.captured = this.begin(connection, CAPTURE_FLAG.MID, atNs);
    connection.captured.skipsOut = !isWhole;
    const { carry, stash, stashOffset } = connection;
    const kept = Buffer.concat([
      carry?.bytes.subarray(0, carry.used) ?? Buffer.alloc(0),
      stash?.bytes.subarray(stashOffset, stash.used) ?? Buffer.alloc(0),
    ]);
    if (kept.length > 0) this.onRead(connection, kept, kept.length, atNs);
    // It may be what a login begins with.
    kept.fill(0);
  }

  onRead(connection: Connection, bytes: Buffer, length: number, atNs: number): void {
    const { captured } = connection;
    if (captured === undefined || captured.tap !== this) return;
    const offset = this.claim(captured, CAPTURE_KIND.IN, length, atNs);
    if (offset === CAPTURE_FULL) {
      captured.blanker.follow(bytes, 0, length);
      this.lose(captured, captured.lossIn, length);
      return;
    }
    const { ring } = this;
    bytes.copy(ring.bytes, offset, 0, length);
    captured.blanker.blank(ring.bytes, offset, offset + length);
    ring.publish();
    ring.countTaken(length);
  }

  /** Before the kernel gets it: the buffers may be others' when it has it. */
  onWrite(connection: Connection, chain: SendChain, atNs: number): void {
    const { captured } = connection;
    if (captured === undefined || captured.tap !== this) return;
    if (captured.skipsOut) {
      captured.skipsOut = false;
      this.lose(captured, captured.lossOut, chain.totalBytes());
      return;
    }
    let first = 0;
    while (first < chain.count) {
      let length = chain.at(first).used;
      let end = first + 1;
      while (end < chain.count && length + chain.at(end).used <= OUT_BYTES_MAX) {
        length += chain.at(end).used;
        end++;
      }
      this.write(captured, chain, first, end, length, atNs);
      first = end;
    }
  }

  onEnd(connection: Connection, atNs: number): void {
    const { captured } = connection;
    if (captured === undefined || captured.tap !== this || captured.hasEnded) return;
    captured.endNs = atNs;
    captured.owesEnd = true;
    // A client that answers our own end with its own has not closed.
    captured.closedBy = connection.phase === PHASE.CLOSING ? CLOSED_BY.SERVER : CLOSED_BY.CLIENT;
    this.settleOrWait(captured, atNs);
  }

  /** Before the gate draws its conclusions: its phase tells who closed, unless an end did. */
  onClosed(connection: Connection, atNs: number): void {
    const { captured } = connection;
    if (captured === undefined || captured.tap !== this) return;
    captured.closeNs = atNs;
    captured.owesClose = true;
    if (!captured.hasEnded) {
      captured.closedBy = connection.phase === PHASE.CLOSING ? CLOSED_BY.SERVER : CLOSED_BY.RESET;
    }
    connection.captured = undefined;
    this.settleOrWait(captured, atNs);
  }

  /** Now and then: what the file has not been told is told when there is room, also of those who say no more. */
  settle(atNs: number): void {
    for (const captured of this.owing) this.pay(captured, atNs);
  }
  /** The capture ends: the same, with whatever room there is. False: there is too little. */
  finish(atNs: number): boolean {
    this.ring.reopen();
    this.settle(atNs);
    return this.owing.size === 0;
  }

  private begin(connection: Connection, flags: number, atNs: number): CapturedConnection {
    const { socket, account, phase } = connection;
    const { remoteAddress, remotePort } = socket;
    const facts: ConnectFacts = {
      remoteAddress,
      remotePort,
      ...(account === "" ? {} : { account }),
    };
    const captured = new CapturedConnection(
      this,
      ++this.latestNumber,
      { isLoggedIn: phase >= PHASE.CHECKING, packetBytesMax: this.packetBytesMax },
      { atNs, flags, facts: Buffer.from(JSON.stringify(facts)) },
    );
    this.settleOrWait(captured, atNs);
    return captured;
  }

  private write(
    captured: CapturedConnection,
    chain: SendChain,
    first: number,
    end: number,
    length: number,
    atNs: number,
  ): void {
    let offset = this.claim(captured, CAPTURE_KIND.OUT, length, atNs);
    if (offset === CAPTURE_FULL) {
      this.lose(captured, captured.lossOut, length);
      return;
    }
    const { ring } = this;
    for (let index = first; index < end; index++) {
      const buffer = chain.at(index);
      offset += buffer.bytes.copy(ring.bytes, offset, 0, buffer.used);
    }
    ring.publish();
    ring.countTaken(length);
  }

  /** Room for a chunk, behind all that is owed of its connection. */
  private claim(captured: CapturedConnection, kind: number, length: number, atNs: number): number {
    if (captured.isOwing && !this.pay(captured, atNs)) return CAPTURE_FULL;
    return this.ring.claim(length, kind, 0, captured.number, 0, atNs);
  }

  private lose(captured: CapturedConnection, loss: Loss, length: number): void {
    loss.add(length);
    this.ring.countLost(length);
    this.owe(captured);
  }

  private settleOrWait(captured: CapturedConnection, atNs: number): void {
    if (!this.pay(captured, atNs)) this.owe(captured);
  }

  private owe(captured: CapturedConnection): void {
    if (captured.isOwing) return;
    captured.isOwing = true;
    this.owing.add(captured);
  }

  /** Writes what the file has not been told, in its order. False: not all of it found room. */
  private pay(captured: CapturedConnection, atNs: number): boolean {
    if (captured.owesConnect) {
      const { connectFlags, connectFacts, connectNs } = captured;
      if (!this.put(captured, CAPTURE_KIND.CONNECT, connectFlags, 0, connectNs, connectFacts)) {
        return false;
      }
      captured.owesConnect = false;
    }
    if (!this.tellLoss(captured, captured.lossIn, atNs)) return false;
    if (!this.tellLoss(captured, captured.lossOut, atNs)) return false;
    if (captured.owesEnd) {
      if (!this.put(captured, CAPTURE_KIND.END, 0, 0, captured.endNs)) return false;
      captured.owesEnd = false;
    }
    if (captured.owesClose) {
      const { closedBy, closeNs } = captured;
      if (!this.put(captured, CAPTURE_KIND.CLOSE, 0, closedBy, closeNs)) return false;
      captured.owesClose = false;
    }
    if (captured.isOwing) {
      captured.isOwing = false;
      this.owing.delete(captured);
    }
    return true;
  }

  private tellLoss(captured: CapturedConnection, loss: Loss, atNs: number): boolean {
    if (loss.chunks === 0) return true;
    const facts = Buffer.from(JSON.stringify(loss.facts));
    if (!this.put(captured, CAPTURE_KIND.LOST, 0, 0, atNs, facts)) return false;
    loss.forget();
    return true;
  }

  private put(
    captured: CapturedConnection,
    kind: number,
    flags: number,
    detail: number,
    atNs: number,
    payload: Buffer = NOTHING,
  ): boolean {
    const { ring } = this;
    const offset = ring.claim(payload.length, kind, flags, captured.number, detail, atNs);
    if (offset === CAPTURE_FULL) return false;
    payload.copy(ring.bytes, offset);
    ring.publish();
    return true;
  }
}

const NOTHING = Buffer.alloc(0);

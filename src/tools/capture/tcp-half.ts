// One direction of a TCP connection: puts its segments in order, once each, and says what never came.

export interface HalfSink {
  /** The next bytes of the stream. Valid until the call returns. */
  onBytes(bytes: Buffer): void;
  /** So many bytes of the stream are not in the capture. */
  onLost(bytes: number): void;
  /** Nothing follows: the sender has finished, or broken off. */
  onFin(isReset: boolean): void;
}

interface Held {
  readonly sequence: number;
  readonly bytes: Buffer;
  readonly missingBytes: number;
  readonly atNs: number;
}

/** What waits behind a hole, at most; beyond, the hole is given up. */
const HELD_BYTES_MAX = 8 * 2 ** 20;
const HELD_OVERHEAD_BYTES = 64;
/** No window of TCP is larger: what is further off is not of this connection. */
const DISTANCE_MAX = 2 ** 30;
/** So far from where a sender is may it say that it ends, or what it has got; further away, it is another connection's. */
const NEAR_DISTANCE_MAX = 2 ** 20;
/** The receiver has acknowledged what is missing: nobody will send it again, at most the capture is out of order. */
const ACKNOWLEDGED_HOLE_NS_MAX = 100e6;
/** Otherwise it may be sent again. */
const HOLE_NS_MAX = 5e9;

/** Sequence numbers wrap: how far a is beyond b. */
const beyond = (a: number, b: number): number => (a - b) | 0;

export class TcpHalf {
  /** Bytes that came more than once. */
  repeatedBytes = 0;
  /** Segments whose numbers are of no use. */
  strayCount = 0;
  /** Segments with bytes that come behind its end. */
  behindEndCount = 0;
  private readonly sink: HalfSink;
  private next = 0; // the sequence number of the next byte
  private isStarted = false;
  private isFinished = false;
  private finSequence: number | undefined = undefined;
  private isReset = false;
  private passedBytes = 0;
  private held: Held[] = []; // rising sequence numbers, all beyond next
  private heldBytes = 0;
  private acknowledged: number | undefined = undefined;
  private firstAcknowledged: number | undefined = undefined;
  private acknowledgedAtNs = 0;

  constructor(sink: HalfSink) {
    this.sink = sink;
  }

  get hasStarted(): boolean {
    return this.isStarted;
  }
  get hasFinished(): boolean {
    return this.isFinished;
  }
  get hasHole(): boolean {
    return this.holeEnd() !== undefined;
  }

  /** A handshake says that the stream begins with that number. */
  start(sequence: number): void {
    if (this.isStarted) return;
    // Of an earlier connection between the same ends.
    this.acknowledged = undefined;
    this.firstAcknowledged = undefined;
    this.begin(sequence);
  }

  /** Whether the sender can be at that number: a packet of an earlier or a later connection is somewhere else. */
  isNear(sequence: number): boolean {
    const distance = beyond(sequence, this.next);
    const backMax = Math.min(this.passedBytes + 1, NEAR_DISTANCE_MAX);
    return this.isStarted && distance >= -backMax && distance <= NEAR_DISTANCE_MAX;
  }

  /** A segment of the stream; `missingBytes` behind it were cut off by the capture. */
  receive(
    sequence: number,
    bytes: Buffer,
    missingBytes: number,
    isFin: boolean,
    atNs: number,
  ): void {
    if (this.isFinished) {
      this.receiveBehindEnd(sequence, bytes.length + missingBytes);
      return;
    }
    this.begin(sequence);
    const distance = beyond(sequence, this.next);
    const streamBytes = bytes.length + missingBytes;
    if (Math.abs(distance) > DISTANCE_MAX) {
      this.strayCount++;
      return;
    }
    const end = (sequence + streamBytes) >>> 0;
    if (isFin && beyond(end, this.next) >= 0) this.finSequence = end;
    if (streamBytes > 0) {
      if (distance > 0) this.hold({ sequence, bytes: Buffer.from(bytes), missingBytes, atNs });
      else this.take(sequence, bytes, missingBytes);
    }
    this.proceed();
    while (this.heldBytes > HELD_BYTES_MAX) this.giveUp();
  }

  /** Nobody takes it any more, unless the other side did not believe that this was the end. */
  receiveBehindEnd(sequence: number, streamBytes: number): void {
    // The number of the FIN itself is no byte.
    const isNew = beyond(sequence + streamBytes, this.next) > 1;
    if (isNew && this.isNear(sequence)) this.behindEndCount++;
  }

  /** The sender breaks off at a number that it can be at. */
  reset(sequence: number): void {
    this.isReset = true;
    if (this.isFinished) this.sink.onFin(true);
    else {
      this.finSequence = beyond(sequence, this.next) > 0 ? sequence : this.next;
      this.proceed();
    }
  }

  /** The other side has everything before that number. */
  acknowledge(sequence: number, atNs: number): void {
    this.firstAcknowledged ??= sequence;
    if (this.acknowledged === undefined || beyond(sequence, this.acknowledged) > 0) {
      this.acknowledged = sequence;
      this.acknowledgedAtNs = atNs;
    }
  }

  /** To be called after each packet of the connection, and now and then while there is a hole. */
  look(atNs: number): void {
    for (;;) {
      const end = this.holeEnd();
      if (end === undefined || this.isFinMissing(end)) return;
      // What waits behind the hole showed it, or else that the receiver has what we have not.
      const sinceNs = this.held[0]?.atNs ?? this.acknowledgedAtNs;
      const isAcknowledged = this.acknowledged !== undefined && beyond(this.acknowledged, end) >= 0;
      if (atNs - sinceNs < (isAcknowledged ? ACKNOWLEDGED_HOLE_NS_MAX : HOLE_NS_MAX)) return;
      this.giveUp();
    }
  }

  /** Nothing more comes: whatever is missing is lost. */
  end(): void {
    if (!this.isStarted) {
      const { firstAcknowledged: first, acknowledged: last } = this;
      if (first !== undefined && last !== undefined && beyond(last, first) > 0) {
        // Told once: the end of the other half, which is told now, may call again.
        this.firstAcknowledged = last;
        this.sink.onLost(beyond(last, first));
      }
      return;
    }
    for (;;) {
      const end = this.holeEnd();
      if (end === undefined) return;
      if (this.isFinMissing(end)) {
        this.finSequence = this.next;
        this.proceed();
      } else this.giveUp();
    }
  }

  private begin(sequence: number): void {
    if (this.isStarted) return;
    this.next = sequence;
    this.isStarted = true;
  }

  /** One number more is acknowledged than there were bytes, and nothing followed: a FIN has one, and was not caught. */
  private isFinMissing(holeEnd: number): boolean {
    const isLast = this.held.length === 0 && this.finSequence === undefined;
    return isLast && beyond(holeEnd, this.next) === 1;
  }

  private advance(bytes: number): void {
    this.next = (this.next + bytes) >>> 0;
    this.passedBytes += bytes;
  }

  /** Where the first hole ends; undefined when nothing is missing. */
  private holeEnd(): number | undefined {
    if (!this.isStarted || this.isFinished) return undefined;
    const [first] = this.held;
    if (first !== undefined) return first.sequence;
    if (this.finSequence !== undefined) return this.finSequence;
    const { acknowledged } = this;
    if (acknowledged === undefined) return undefined;
    const distance = beyond(acknowledged, this.next);
    return distance > 0 && distance <= DISTANCE_MAX ? acknowledged : undefined;
  }

  private giveUp(): void {
    const end = this.holeEnd();
    if (end === undefined) return;
    const lostBytes = beyond(end, this.next);
    this.advance(lostBytes);
    if (lostBytes > 0) this.sink.onLost(lostBytes);
    this.proceed();
  }

  private hold(segment: Held): void {
    let index = this.held.length;
    while (index > 0) {
      const before = this.held[index - 1];
      if (before === undefined || beyond(before.sequence, segment.sequence) < 0) break;
      const isSame = before.sequence === segment.sequence;
      if (isSame && before.bytes.length >= segment.bytes.length) {
        this.repeatedBytes += segment.bytes.length;
        return;
      }
      index--;
    }
    this.held.splice(index, 0, segment);
    this.heldBytes += segment.bytes.length + HELD_OVERHEAD_BYTES;
  }

  /** A segment that starts at the next byte or before it. */
  private take(sequence: number, bytes: Buffer, missingBytes: number): void {
    const known = beyond(this.next, sequence);
    const newBytes = bytes.length - known;
    this.repeatedBytes += Math.min(known, bytes.length);
    if (newBytes > 0) {
      this.advance(newBytes);
      this.sink.onBytes(bytes.subarray(known));
    }
    const lostBytes = Math.min(missingBytes, newBytes + missingBytes);
    if (lostBytes > 0) {
      this.advance(lostBytes);
      this.sink.onLost(lostBytes);
    }
  }

  /** Takes what waited for what has come. */
  private proceed(): void {
    let count = 0;
    for (const { sequence, bytes, missingBytes } of this.held) {
      if (beyond(sequence, this.next) > 0) break;
      this.take(sequence, bytes, missingBytes);
      this.heldBytes -= bytes.length + HELD_OVERHEAD_BYTES;
      count++;
    }
    if (count > 0) this.held.splice(0, count);
    if (this.finSequence !== undefined && beyond(this.next, this.finSequence) >= 0) {
      this.isFinished = true;
      this.held = [];
      this.heldBytes = 0;
      this.sink.onFin(this.isReset);
    }
  }
}

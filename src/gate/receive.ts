// From a socket's bytes to records of the lane. Packets are parsed where they lie; the beginning of one that is not
// complete is carried, and complete ones that cannot be handed on are held: the socket pauses and what is left of the
// chunk moves to a stash, because the next socket overwrites the receive buffer (E12).

import type { Clock } from "../base/clock.ts";
import type { BufferPool } from "../memory/buffer-pool.ts";
import { copyIntoWords } from "../memory/copy-words.ts";
import { type CounterWriter, GATE_COUNTERS } from "../memory/counters.ts";
import {
  createStamps,
  DETACH_REASON,
  INBOUND_KIND,
  INBOUND_PAYLOAD_BYTES_MAX,
  InboundRecord,
  STAMP,
} from "../memory/inbound-record.ts";
import { RING_FULL } from "../memory/ring-producer.ts";
import {
  PACKET_BYTES_BYTES,
  packetBytesAt,
  wireBytes,
} from "../protocol/soupbintcp/packet-header.ts";
import {
  PACKET_EMPTY,
  PacketReader,
  type PacketSink,
} from "../protocol/soupbintcp/packet-reader.ts";
import {
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
  CLIENT_UNSEQUENCED,
  DEBUG,
} from "../protocol/soupbintcp/packet-type.ts";
import type { Admission } from "./admission.ts";
import type { CaptureSwitch } from "./capture-tap.ts";
import type { Closer } from "./closing.ts";
import { type Connection, PHASE } from "./connection.ts";
import type { EventClock } from "./event-clock.ts";
import type { InboundLane } from "./inbound-lane.ts";
import type { Login } from "./login.ts";
import type { SessionTimers } from "./session-timers.ts";
import type { TurnClock } from "./turn-clock.ts";
import { UnreadInput } from "./unread-input.ts";

export interface ReceiverParts {
  readonly clock: Clock;
  readonly turnClock: TurnClock;
  readonly eventClock: EventClock;
  readonly lanes: readonly InboundLane[];
  readonly carries: BufferPool;
  readonly stashes: BufferPool;
  readonly timers: SessionTimers;
  readonly login: Login;
  readonly closer: Closer;
  /** One for each lane. */
  readonly admissions: readonly Admission[];
  readonly counters: CounterWriter;
  readonly capture: CaptureSwitch;
  readonly connectionsMax: number;
  readonly packetBytesMax: number;
}

export class Receiver implements PacketSink {
  private readonly parts: ReceiverParts;
  private readonly reader: PacketReader;
  private readonly packetBytesMax: number;
  private readonly record = new InboundRecord();
  private readonly stamps = createStamps(); // of the chunk that is being parsed
  private readonly unread: UnreadInput;
  private readonly heldReadNs: Float64Array; // read time of held input, by connection
  private connection: Connection | undefined = undefined;
  private isResuming = false;
  private isStopped = false; // a packet could not be handed on

  constructor(parts: ReceiverParts) {
    this.parts = parts;
    this.packetBytesMax = parts.packetBytesMax;
    this.reader = new PacketReader(parts.packetBytesMax);
    this.unread = new UnreadInput(parts.turnClock, parts.connectionsMax);
    this.heldReadNs = new Float64Array(parts.connectionsMax);
  }

  /** One read. The bytes are the next socket's when this returns. */
  onRead(connection: Connection, bytes: Buffer, view: DataView, length: number): void {
    const { clock, turnClock, timers, counters, capture, lanes } = this.parts;
    lanes[connection.lane]?.beforeRead();
    const nowNs = clock.nowNs();
    turnClock.touch(nowNs);
    if (capture.tap !== undefined) capture.tap.onRead(connection, bytes, length, nowNs);
    counters.add(GATE_COUNTERS.bytesIn, length);
    if (connection.isUnheard) {
      // Read so that its going is seen; a flood, until its answer is due, would cost more than that is worth.
      const isFlood = length === bytes.length && connection.phase === PHASE.REFUSED;
      if (isFlood) connection.socket.pauseReading();
      return;
    }
    timers.noteRead(connection.index, nowNs / 1e6);
    this.unread.onRead(connection.index, length === bytes.length);
    this.begin(connection, nowNs, nowNs);
    this.takeChunk(connection, bytes, view, length);
    this.laneToTell(connection)?.publishRead(this.nowNs());
  }

  /** Goes on with held input. Called when there may be room, or when a login check is over. */
  resume(connection: Connection): void {
    if (!connection.isHeld || connection.isUnheard) return;
    const nowNs = this.parts.clock.nowNs();
    this.begin(connection, this.heldReadNs[connection.index]!, nowNs);
    this.isResuming = true;
    const { carry } = connection;
    if (carry !== undefined && this.read(carry.bytes, carry.view, 0, carry.used) > 0) {
      this.giveCarry(connection);
    }
    if (!this.isStopped && connection.stash !== undefined) this.takeStash(connection);
    this.laneToTell(connection)?.publish(this.nowNs());
    if (this.isStopped || connection.isUnheard) return;
    connection.isHeld = false;
    this.parts.timers.noteRead(connection.index, nowNs / 1e6);
    this.parts.lanes[connection.lane]?.beforeResume();
    this.unread.onReadable(connection.index);
    connection.socket.resumeReading();
  }

  onPacket(
    type: number,
    _bytes: Buffer,
    view: DataView,
    payloadOffset: number,
    payloadBytes: number,
  ): boolean {
    const connection = this.connection!;
    if (connection.phase >= PHASE.ATTACHING) {
      if (connection.phase === PHASE.CLOSING) return this.stop();
      if (type === CLIENT_UNSEQUENCED) {
        return this.onMessage(connection, view, payloadOffset, payloadBytes);
      }
      return this.onSessionPacket(connection, type, payloadBytes);
    }
    if (connection.phase === PHASE.CHECKING) return this.stop();
    if (type === DEBUG) return true;
    if (type !== CLIENT_LOGIN_REQUEST) {
      return this.refuse(connection, "the first packet must be a login request");
    }
    this.parts.login.onRequest(connection, view, payloadOffset, payloadBytes, this.nowNs());
    // The ATTACH may be out, with a later moment than the chunk: what is behind the login must not go back.
    this.stamps[STAMP.EVENT_NS] = this.parts.eventClock.at(this.nowNs());
    return !connection.isUnheard || this.stop();
  }

  private onMessage(
    connection: Connection,
    view: DataView,
    payloadOffset: number,
    payloadBytes: number,
  ): boolean {
    const lane = this.parts.lanes[connection.lane]!;
    const admission = this.parts.admissions[connection.lane]!;
    // Those that wait already go first, and an ATTACH goes before its messages.
    const mustWait = !connection.isAttached || (!this.isResuming && admission.isFull);
    const offset = mustWait ? RING_FULL : lane.claimMessage(connection.index);
    if (offset < 0) {
      admission.wait(connection, offset);
      return this.stop();
    }
    this.parts.counters.add(GATE_COUNTERS.framesIn, 1);
    const isWhole = payloadBytes <= INBOUND_PAYLOAD_BYTES_MAX;
    const bytesKept = isWhole ? payloadBytes : INBOUND_PAYLOAD_BYTES_MAX;
    const record = this.record.wrap(lane.ring.slots, offset);
    const kind = isWhole ? INBOUND_KIND.MESSAGE : INBOUND_KIND.MALFORMED;
    record.start(kind, connection.index, connection.epoch);
    record.payloadBytes = bytesKept;
    if (!isWhole) record.detail = payloadBytes;
    record.copyStampsFrom(this.stamps);
    copyIntoWords(view, payloadOffset, lane.ring.slots.words, record.payloadOffset, bytesKept);
    return true;
  }

  private onSessionPacket(connection: Connection, type: number, payloadBytes: number): boolean {
    switch (type) {
      case DEBUG:
        return true;
      case CLIENT_HEARTBEAT:
        if (payloadBytes === 0) return true;
        return this.refuse(connection, "a heartbeat has no payload");
      case CLIENT_LOGOUT:
        this.parts.closer.close(connection, DETACH_REASON.LOGOUT, "", this.nowNs() / 1e6);
        return this.stop();
      case CLIENT_LOGIN_REQUEST:
        return this.refuse(connection, "this connection has logged in already");
      default:
        return this.refuse(connection, "a client does not send packets of this type");
    }
  }

  private refuse(connection: Connection, text: string): boolean {
    this.parts.closer.close(connection, DETACH_REASON.PROTOCOL, text, this.nowNs() / 1e6);
    return this.stop();
  }

  private stop(): boolean {
    this.isStopped = true;
    return false;
  }

  private begin(connection: Connection, readNs: number, nowNs: number): void {
    this.connection = connection;
    this.isStopped = false;
    this.isResuming = false;
    this.stamps[STAMP.SINCE_NS] = this.unread.sinceNs(connection.index);
    this.stamps[STAMP.READ_NS] = readNs;
    this.stamps[STAMP.EVENT_NS] = this.parts.eventClock.at(nowNs);
  }

  private nowNs(): number {
    return this.parts.clock.nowNs();
  }

  /** Its lane, if there is anything to be handed over. */
  private laneToTell(connection: Connection): InboundLane | undefined {
    if (connection.lane < 0) return undefined;
    const lane = this.parts.lanes[connection.lane]!;
    return lane.hasClaims ? lane : undefined;
  }

  private takeChunk(connection: Connection, bytes: Buffer, view: DataView, length: number): void {
    let offset = 0;
    if (connection.carry !== undefined) {
      offset = this.completeCarry(connection, bytes, length);
      if (offset < 0) return;
    }
    if (!this.isStopped) offset = this.read(bytes, view, offset, length);
    if (offset < 0) return;
    if (this.isStopped) this.hold(connection, bytes, offset, length);
    else this.carry(connection, bytes, offset, length);
  }

  private takeStash(connection: Connection): void {
    const { carries, stashes } = this.parts;
    const stash = connection.stash!;
    const offset = this.read(stash.bytes, stash.view, connection.stashOffset, stash.used);
    if (offset < 0) return;
    connection.stashOffset = offset;
    if (this.isStopped) return;
    connection.stash = undefined;
    this.carry(connection, stash.bytes, offset, stash.used);
    const pool = stash.bytes.length === carries.bufferBytes ? carries : stashes;
    pool.give(stash, stash.used);
  }

  /** Like the reader's read(), but a bad packet closes the connection. Negative: it is not heard any more. */
  private read(bytes: Buffer, view: DataView, start: number, end: number): number {
    const offset = this.reader.read(bytes, view, start, end, this);
    const connection = this.connection!;
    if (offset < 0) {
      const text =
        offset === PACKET_EMPTY ? "a packet has at least a type" : "the packet is too long";
      this.refuse(connection, text);
      return -1;
    }
    return connection.isUnheard ? -1 : offset;
  }

  /** Adds to the carry what its packet lacks, and no more. Returns the first offset of the chunk that is left. */
  private completeCarry(connection: Connection, bytes: Buffer, length: number): number {
    const carry = connection.carry!;
    let offset = 0;
    if (carry.used < PACKET_BYTES_BYTES) {
      offset = this.moveToCarry(carry, bytes, 0, length, PACKET_BYTES_BYTES);
      if (carry.used < PACKET_BYTES_BYTES) return offset;
    }
    const packetBytes = packetBytesAt(carry.bytes, 0);
    if (packetBytes > 0 && packetBytes <= this.packetBytesMax) {
      offset = this.moveToCarry(carry, bytes, offset, length, wireBytes(packetBytes));
      if (carry.used < wireBytes(packetBytes)) return offset;
    }
    const taken = this.read(carry.bytes, carry.view, 0, carry.used);
    if (taken < 0) return -1;
    if (taken > 0) this.giveCarry(connection);
    return offset;
  }

  private moveToCarry(
    carry: NonNullable<Connection["carry"]>,
    bytes: Buffer,
    start: number,
    end: number,
    carryBytes: number,
  ): number {
    const count = Math.min(end - start, carryBytes - carry.used);
    bytes.copy(carry.bytes, carry.used, start, start + count);
    this.wipe(bytes, start, start + count);
    carry.used += count;
    return start + count;
  }

  private giveCarry(connection: Connection): void {
    const carry = connection.carry!;
    this.parts.carries.give(carry, carry.used);
    connection.carry = undefined;
  }

  private carry(connection: Connection, bytes: Buffer, start: number, end: number): void {
    if (start === end) return;
    const carry = this.parts.carries.take();
    if (carry === undefined) {
      this.exhausted(connection, "the gateway is out of receive buffers");
      return;
    }
    connection.carry = carry;
    this.moveToCarry(carry, bytes, start, end, end - start);
  }

  /** Keeps what is left of the chunk, and pauses the socket. */
  private hold(connection: Connection, bytes: Buffer, start: number, end: number): void {
    const { carries, stashes, counters } = this.parts;
    connection.isHeld = true;
    connection.socket.pauseReading();
    counters.add(GATE_COUNTERS.pauses, 1);
    this.heldReadNs[connection.index] = this.stamps[STAMP.READ_NS]!;
    const length = end - start;
    if (length === 0) return;
    // A small rest needs no whole stash.
    const stash = length <= carries.bufferBytes ? carries.take() : stashes.take();
    if (stash === undefined) {
      this.exhausted(connection, "the gateway is out of stashes");
      return;
    }
    counters.add(GATE_COUNTERS.stashes, 1);
    bytes.copy(stash.bytes, 0, start, end);
    this.wipe(bytes, start, end);
    stash.used = length;
    connection.stash = stash;
    connection.stashOffset = 0;
  }

  private exhausted(connection: Connection, text: string): void {
    this.parts.closer.close(connection, DETACH_REASON.FORCED, text, this.nowNs() / 1e6);
  }

  /** Before a login, what was copied away may hold a password. */
  private wipe(bytes: Buffer, start: number, end: number): void {
    if (this.connection!.phase < PHASE.ATTACHING) bytes.fill(0, start, end);
  }
}

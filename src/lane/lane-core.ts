// The lane as a pure function of its records: no clock, no chance, no file. Whatever it decides, it decides from the
// records it was given, in their order. Lane thread; the keeper and replays use it too.

import { assert } from "../base/assert.ts";
import { Digest } from "../base/digest.ts";
import { MemoryStateWriter } from "../journal/state-memory.ts";
import type { Saved, StateReader, StateWriter } from "../journal/state-stream.ts";
import { type CounterWriter, LANE_COUNTERS } from "../memory/counters.ts";
import {
  COMMAND_CODE,
  CONFIG_MORE,
  DAY_PHASE,
  INBOUND_KIND,
  type InboundRecord,
  REGULATE_SOURCE,
} from "../memory/inbound-record.ts";
import {
  LANE_BEHAVIOUR_VERSION,
  LANE_CONFIG_FORMAT_VERSION,
  type LaneConfig,
} from "../memory/lane-config.ts";
import { laneConfigChange } from "../memory/lane-config-change.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import { typeCounter } from "../telemetry/latency-series.ts";
import { ContinuedWork } from "./continued-work.ts";
import { listInstruments, withInstrumentsRoom } from "./instrument-list.ts";
import { Intake } from "./intake/intake.ts";
import { LaneState } from "./lane-state.ts";
import type { MakeVenue } from "./make-venue.ts";
import type { OrderFacts } from "./order-facts.ts";
import type { Outbox } from "./outbox.ts";
import { Sessions } from "./sessions.ts";
import type { Streams } from "./streams.ts";
import type { Unsequenced } from "./unsequenced.ts";

/** Everything that exists once the lane has its configuration. */
interface Session {
  readonly state: LaneState;
  readonly sessions: Sessions;
  readonly work: ContinuedWork;
  readonly intake: Intake;
}

export class LaneCore implements Saved {
  /** Of all sequenced messages so far, in the order in which they were written. */
  readonly digest = new Digest();

  private readonly outbox: Outbox;
  private readonly unsequenced: Unsequenced;
  private readonly streams: Streams;
  private readonly counters: CounterWriter;
  private readonly makeVenue: MakeVenue;
  private session: Session | undefined = undefined;
  private facts: OrderFacts | undefined = undefined;
  private configText = "";

  constructor(
    outbox: Outbox,
    unsequenced: Unsequenced,
    streams: Streams,
    counters: CounterWriter,
    makeVenue: MakeVenue,
  ) {
    this.outbox = outbox;
    this.unsequenced = unsequenced;
    this.streams = streams;
    this.counters = counters;
    this.makeVenue = makeVenue;
  }

  /** Whoever looks on from now on; undefined = nobody, as in a replay. */
  lookOn(facts: OrderFacts | undefined): void {
    this.facts = facts;
    if (this.session !== undefined) this.session.state.facts = facts;
  }

  get isConfigured(): boolean {
    return this.session !== undefined;
  }

  /** There have been records: a journal that is not empty, even if the configuration was cut short. */
  get hasBegun(): boolean {
    return this.session !== undefined || this.configText !== "";
  }

  /** What the lane knows; for tests, checkpoints and queries. Undefined before the configuration. */
  get state(): LaneState | undefined {
    return this.session?.state;
  }

  /** Event time of the latest record. */
  get eventNs(): number {
    return this.session?.state.eventNs ?? 0;
  }

  /** DAY_PHASE: how far the end of the day has come. */
  get dayPhase(): number {
    return this.session?.state.endOfDay.phase ?? DAY_PHASE.OPEN;
  }
  /** New orders are refused because the journal's room runs out. */
  get isDiskShort(): boolean {
    return this.session?.state.isDiskShort ?? false;
  }

  /** Sequenced messages so far. */
  get written(): number {
    return this.session?.state.answers.written ?? 0;
  }

  /** True while any one more record from outside can be handled. */
  canTake(): boolean {
    const session = this.session;
    if (session === undefined) return true;
    return session.state.venue.canTake() && session.state.held.room > 0;
  }

  /** True while a CONTINUE record would do something. */
  hasWork(): boolean {
    return this.session?.work.hasWork() ?? false;
  }

  /** Some orders are over at a time of their own. */
  get hasExpiries(): boolean {
    const { session } = this;
    return session !== undefined && session.state.expiry.count > 0;
  }
  /** Orders are over at this moment, and still there. */
  isDue(eventNs: number): boolean {
    return this.session?.work.isDue(eventNs) ?? false;
  }

  /** Handles one record. True when it belongs in the journal (semantics §3.1). */
  apply(record: InboundRecord, slots: SlotMemory, batch: number, batchIndex: number): boolean {
    this.counters.add(LANE_COUNTERS.recordsTaken, 1);
    const session = this.session;
    if (session?.state.endOfDay.phase === DAY_PHASE.ENDED) {
      this.applyAfterEnd(session, record, slots);
      return false;
    }
    if (record.kind === INBOUND_KIND.CONFIG) return this.applyConfig(record, slots);
    if (session === undefined && record.kind === INBOUND_KIND.RECOVERED) {
      // The process died between two pieces of its configuration: the next one sends it anew.
      this.configText = "";
      return true;
    }
    assert(session !== undefined, "a lane got a record before its configuration");
    const { state } = session;
    const { answers } = state;
    state.eventNs = record.eventNs;
    state.sinceNs = record.sinceNs;
    state.isChanged = false;
    answers.setEventNs(record.eventNs);
    answers.batch = batch;
    answers.batchIndex = batchIndex;
    const written = answers.written;
    this.applyKind(session, record, slots);
    return state.isChanged || answers.written !== written;
  }

  private applyKind(session: Session, record: InboundRecord, slots: SlotMemory): void {
    const { state, sessions, work, intake } = session;
    switch (record.kind) {
      case INBOUND_KIND.MESSAGE:
      case INBOUND_KIND.MALFORMED: {
        const account = state.accounts.attached(record.connection, record.epoch);
        if (account === undefined) {
          this.counters.add(LANE_COUNTERS.recordsStale, 1);
          return;
        }
        const type = record.payloadBytes === 0 ? 0 : slots.bytes[record.payloadOffset]!;
        this.counters.add(typeCounter(LANE_COUNTERS.requestsO, type), 1);
        work.expireDue();
        state.cause.beginNone(record.sinceNs);
        intake.take(account, record, slots);
        return;
      }
      case INBOUND_KIND.CONTINUE:
        this.counters.add(LANE_COUNTERS.continues, 1);
        // Whoever had his turn, the next one is another's, even when there was nothing to say.
        state.isChanged = true;
        work.step();
        return;
      case INBOUND_KIND.TICK:
        work.expireDue();
        return;
      case INBOUND_KIND.ATTACH:
        sessions.attach(record, slots);
        return;
      case INBOUND_KIND.DETACH: {
        const account = state.accounts.attached(record.connection, record.epoch);
        if (account === undefined) this.counters.add(LANE_COUNTERS.recordsStale, 1);
        else sessions.detach(account);
        return;
      }
      case INBOUND_KIND.VENUE:
        state.isChanged = true;
        state.cause.beginNone(record.sinceNs);
        state.venue.onVenueRecord(slots.bytes, record.payloadOffset, record.payloadBytes);
        return;
      case INBOUND_KIND.REGULATE:
        this.regulate(state, record);
        return;
      case INBOUND_KIND.COMMAND:
        assert(record.flags === COMMAND_CODE.FENCE, "a command that this build does not know");
        state.unsequenced.commandAnswer(record.connection, record.epoch, record.detail);
        return;
      case INBOUND_KIND.RECOVERED:
        this.recovered(session);
        work.expireDue();
        state.isChanged = true;
        return;
      case INBOUND_KIND.ROLL:
        work.closing.take(record.detail, record.sinceNs);
        return;
      default:
        throw new Error("invariant: a record of a kind that this build does not know");
    }
  }

  /** The journal is complete: nothing is added to it, and nobody is answered but those who ask how far we are. */
  private applyAfterEnd(session: Session, record: InboundRecord, slots: SlotMemory): void {
    const { state, sessions, work } = session;
    switch (record.kind) {
      case INBOUND_KIND.ATTACH:
        this.counters.add(LANE_COUNTERS.recordsAfterEnd, 1);
        sessions.attach(record, slots);
        return;
      case INBOUND_KIND.DETACH: {
        // Whoever leaves is waited for no longer.
        const account = state.accounts.attached(record.connection, record.epoch);
        if (account !== undefined) sessions.detach(account);
        return;
      }
      case INBOUND_KIND.ROLL:
        work.closing.take(record.detail, record.sinceNs);
        return;
      case INBOUND_KIND.COMMAND:
        state.unsequenced.commandAnswer(record.connection, record.epoch, record.detail);
        return;
      case INBOUND_KIND.REGULATE:
        this.regulate(state, record);
        return;
      case INBOUND_KIND.RECOVERED:
        this.recovered(session);
        return;
      case INBOUND_KIND.TICK:
        return;
      default:
        this.counters.add(LANE_COUNTERS.recordsAfterEnd, 1);
    }
  }

  /** Nobody is attached, and nobody of this process has asked for anything yet. */
  private recovered({ state, sessions }: Session): void {
    sessions.detachAll();
    state.endOfDay.isAnswerOwed = false;
  }

  private regulate(state: LaneState, record: InboundRecord): void {
    if (record.flags === REGULATE_SOURCE.DISK) {
      const isDiskShort = record.detail > 0;
      state.isChanged = state.isDiskShort !== isDiskShort;
      state.isDiskShort = isDiskShort;
    } else {
      state.isChanged = state.regulatorLevel !== record.detail;
      state.regulatorLevel = record.detail;
    }
  }

  private applyConfig(record: InboundRecord, slots: SlotMemory): boolean {
    const start = record.payloadOffset;
    // Of a configuration that never became whole, because its writer was killed, nothing is left.
    if (record.detail === 0) this.configText = "";
    // One letter per byte until all pieces are here: a piece may end within a character.
    this.configText += slots.bytes.toString("latin1", start, start + record.payloadBytes);
    if ((record.flags & CONFIG_MORE) !== 0) return true;
    const json = Buffer.from(this.configText, "latin1").toString("utf8");
    this.configText = "";
    const config = JSON.parse(json) as LaneConfig;
    assert(
      config.formatVersion === LANE_CONFIG_FORMAT_VERSION,
      "a configuration of another format",
    );
    assert(config.behaviourVersion === LANE_BEHAVIOUR_VERSION, "a session of another behaviour");
    const session = this.session;
    this.session = session === undefined ? this.begin(config) : this.changed(session, config);
    return true;
  }

  /** Everything but the outbox, which the lane shares with whoever reads it. */
  save(out: StateWriter): void {
    out.mark("lane");
    out.number(this.digest.high);
    out.number(this.digest.low);
    out.text(this.configText);
    out.number(this.session === undefined ? 0 : 1);
    if (this.session === undefined) return;
    out.text(JSON.stringify(this.session.state.config));
    this.session.state.save(out);
    this.session.work.save(out);
  }

  /** On a fresh one. */
  restore(from: StateReader): void {
    assert(this.session === undefined, "a lane is restored that has begun already");
    from.mark("lane");
    const digestHigh = from.number();
    this.digest.reset(digestHigh, from.number());
    this.configText = from.text();
    if (from.number() === 0) return;
    this.session = this.begin(JSON.parse(from.text()) as LaneConfig);
    this.session.state.restore(from);
    this.session.work.restore(from);
  }

  /** Goes over to another configuration: a new session that starts with all that the old one knows. */
  private changed({ state, work }: Session, wanted: LaneConfig): Session {
    const { effective } = laneConfigChange(state.config, wanted);
    const out = new MemoryStateWriter();
    state.save(out);
    work.save(out);
    const session = this.begin(withInstrumentsRoom(effective, state.instruments));
    const from = out.toReader();
    session.state.restore(from);
    session.work.restore(from);
    listInstruments(session.state.instruments, effective);
    return session;
  }

  private begin(config: LaneConfig): Session {
    const state = new LaneState(
      config,
      this.outbox,
      this.unsequenced,
      this.streams,
      this.counters,
      this.digest,
      this.makeVenue,
    );
    state.facts = this.facts;
    const work = new ContinuedWork(state);
    const intake = new Intake(state, work);
    return { state, sessions: new Sessions(state), work, intake };
  }
}

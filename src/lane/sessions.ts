// Logins and leavings (semantics §2): whose stream goes to which connection, from which number on. Lane thread.

import { AttachPayload } from "../memory/attach-payload.ts";
import { LANE_COUNTERS } from "../memory/counters.ts";
import { DAY_PHASE, DETACH_REASON, type InboundRecord } from "../memory/inbound-record.ts";
import { LOGIN_REFUSAL } from "../memory/outbound-record.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import { EVENT_CODE } from "../protocol/ouch/codes.ts";
import type { Account } from "./accounts.ts";
import type { LaneState } from "./lane-state.ts";

/** More takeovers of one account within this time are a fight of two clients; */
const FIGHT_NS = 60e9;
const TAKEOVERS_MAX = 5;
/** newcomers then have to wait. */
const REFUSE_NS = 10e9;
const LIVE_END = 0;

/** 20 digits can say more than a number can hold: what is too large for it is read as the largest that it holds. */
const askedFor = (sequence: number): string =>
  sequence < Number.MAX_SAFE_INTEGER ? String(sequence) : `${sequence} or more`;

interface Refusal {
  /** Of LOGIN_REFUSAL. */
  readonly why: number;
  readonly text: string;
}

export class Sessions {
  private readonly state: LaneState;
  private readonly payload = new AttachPayload();

  constructor(state: LaneState) {
    this.state = state;
  }

  attach(record: InboundRecord, slots: SlotMemory): void {
    const { state } = this;
    const { accounts, outbox } = state;
    const { connection, epoch } = record;
    const {
      account: name,
      session,
      requestedSequence,
      firms,
      anyFirm,
    } = this.payload.wrap(slots.bytes, record.payloadOffset);
    const known = accounts.find(name);
    const next = known === undefined ? 1 : outbox.nextSequence(known.number);
    const refusal = this.refusal(known, session, requestedSequence, next);
    if (refusal !== undefined) {
      state.unsequenced.debug(connection, epoch, refusal.text);
      state.unsequenced.loginRejected(connection, epoch, refusal.why);
      return;
    }

    state.isChanged = true;
    const account = known ?? this.addAccount(name);
    account.setFirms(firms, anyFirm);
    if (account.isAttached) this.supersede(account);
    // The gate says who left before it gives a place away; should it not, the place says so.
    const occupant = accounts.occupant(connection);
    if (occupant !== undefined) this.detach(occupant);
    const sequence = requestedSequence === LIVE_END ? next : requestedSequence;
    accounts.attach(account, connection, epoch);
    state.unsequenced.loginAccepted(
      connection,
      epoch,
      account.number,
      state.config.session,
      sequence,
    );
    // The first message of each stream; a login that finds none has it still before it.
    state.cause.beginNone(record.sinceNs);
    if (known === undefined) this.beginStream(account);
    state.streams.onAttached(account.number, connection, epoch, sequence, record.detail);
    state.streams.onHeld(account.number, account.heldCount);
  }

  detach(account: Account): void {
    this.state.isChanged = true;
    this.state.streams.onDetached(account.number);
    this.state.accounts.detach(account);
  }

  /** The lane was rebuilt: whoever was attached is not any more. */
  detachAll(): void {
    const { accounts } = this.state;
    for (let number = 0; number < accounts.count; number++) {
      const account = accounts.at(number);
      if (account.isAttached) this.detach(account);
    }
  }

  private beginStream({ number }: Account): void {
    const { answers, endOfDay } = this.state;
    answers.systemEvent(number, EVENT_CODE.START_OF_DAY);
    if (endOfDay.tellsNewcomer(number)) answers.systemEvent(number, EVENT_CODE.END_OF_DAY);
  }

  /** Why the login cannot be accepted; undefined when it can. A refusal leaves the old connection alone. */
  private refusal(
    account: Account | undefined,
    session: string,
    requestedSequence: number,
    next: number,
  ): Refusal | undefined {
    const { config, counters, endOfDay } = this.state;
    const { SESSION, AHEAD, TAKEOVERS } = LOGIN_REFUSAL;
    if (endOfDay.phase === DAY_PHASE.ENDED) {
      return { why: SESSION, text: `session ${config.session} is over` };
    }
    if (session !== "" && session !== config.session) {
      const text = `session ${session} is not the active one, which is ${config.session}`;
      return { why: SESSION, text };
    }
    if (requestedSequence > next) {
      counters.add(LANE_COUNTERS.loginAhead, 1);
      const text = `sequence ${askedFor(requestedSequence)} was asked for, but the next one is ${next}`;
      return { why: AHEAD, text };
    }
    const text = account?.isAttached === true ? this.fight(account) : "";
    if (text === "") return undefined;
    counters.add(LANE_COUNTERS.takeoversRefused, 1);
    return { why: TAKEOVERS, text };
  }

  /** Two clients that throw each other out for ever are stopped; the one that is there stays. */
  private fight(account: Account): string {
    const { eventNs } = this.state;
    const refused = "the account is taken over too often; try again in some seconds";
    if (eventNs < account.refuseUntilNs) return refused;
    const { takeoversNs } = account;
    while (takeoversNs.length > 0 && takeoversNs[0]! <= eventNs - FIGHT_NS) takeoversNs.shift();
    if (takeoversNs.length < TAKEOVERS_MAX) return "";
    // Counted anew after the wait; else those of before would refuse whoever comes then, for up to a minute.
    takeoversNs.length = 0;
    account.refuseUntilNs = eventNs + REFUSE_NS;
    this.state.isChanged = true;
    return refused;
  }

  private supersede(account: Account): void {
    const { unsequenced, accounts, counters, eventNs } = this.state;
    const { connection, epoch } = account;
    account.takeoversNs.push(eventNs);
    counters.add(LANE_COUNTERS.takeovers, 1);
    unsequenced.debug(connection, epoch, "superseded: the account logged in on another connection");
    unsequenced.close(connection, epoch, DETACH_REASON.SUPERSEDED);
    accounts.detach(account);
  }

  private addAccount(name: string): Account {
    const { accounts, channels, outbox, counters } = this.state;
    outbox.addAccount();
    const account = accounts.add(name, channels.addAccount());
    counters.set(LANE_COUNTERS.accounts, accounts.count);
    return account;
  }
}

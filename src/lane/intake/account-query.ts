// Account Query Request (ouch50.md §2): the next number that a new request of the channel may use. Lane thread.

import {
  ACCOUNT_QUERY_REQUEST_BYTES,
  ACCOUNT_QUERY_REQUEST_TAGS,
  ACCOUNT_QUERY_REQUEST_TYPE,
} from "../../protocol/ouch/account-query-request.ts";
import { APPENDAGE_OK, AppendageReader } from "../../protocol/ouch/appendage-reader.ts";
import type { Account } from "../accounts.ts";
import { USER_REF_NUM_MAX } from "../channels.ts";
import type { LaneState } from "../lane-state.ts";

/** What an exhausted channel answers: no number is left. */
const EXHAUSTED = 0;

export class AccountQueryIntake {
  private readonly state: LaneState;
  private readonly tags = new AppendageReader();

  constructor(state: LaneState) {
    this.state = state;
  }

  /** False when the message is malformed. */
  take(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const { state, tags } = this;
    const structure = tags.read(
      view,
      base,
      messageBytes,
      ACCOUNT_QUERY_REQUEST_BYTES,
      true,
      ACCOUNT_QUERY_REQUEST_TAGS,
    );
    if (structure !== APPENDAGE_OK) return false;
    const high = state.channels.high(state.channels.of(account.channels, tags.userRefIdx));
    const next = high === USER_REF_NUM_MAX ? EXHAUSTED : high + 1;
    state.cause.begin(ACCOUNT_QUERY_REQUEST_TYPE, account.number, 0);
    state.answers.nextUserRefNum(account.number, tags.userRefIdx, next);
    return true;
  }
}

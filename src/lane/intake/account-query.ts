// Account Query Request (ouch50.md §2): the next number that a new request of the channel may use. Lane thread.

import {
  ACCOUNT_QUERY_REQUEST_BYTES,
  ACCOUNT_QUERY_REQUEST_TAGS,
  ACCOUNT_QUERY_REQUEST_TYPE,
} from "../../protocol/ouch/account-query-request.ts";
import { APPENDAGE_OK, AppendageReader } from "../../protocol/ouch/appendage-reader.ts";
import type { Account } from "../accounts.ts";
import { HELD_KIND } from "../held-requests.ts";
import type { LaneState } from "../lane-state.ts";

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
    state.cause.begin(ACCOUNT_QUERY_REQUEST_TYPE, account.number, 0);
    if (account.isHolding || account.undecided > 0) this.hold(account);
    else state.answerQuery(account, tags.userRefIdx);
    return true;
  }

  /** A replace that waits may give its number back: what is answered before it would not stay true. */
  private hold(account: Account): void {
    const { state, tags } = this;
    const { sinceNs } = state.cause;
    const { userRefIdx } = tags;
    state.isChanged = true;
    const type = ACCOUNT_QUERY_REQUEST_TYPE;
    state.held.add(account, HELD_KIND.QUERY, type, sinceNs, userRefIdx, 0, 0, 0, 0);
  }
}

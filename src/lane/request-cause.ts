// Which request the lane is working for: what it writes meanwhile is that request's answer, or its effect on others
// (E3). One per lane.

import type { Cause } from "../venue/venue.ts";

export const NO_REQUEST_TYPE = 0;
const NO_ACCOUNT = -1;

export class RequestCause implements Cause {
  requestType = NO_REQUEST_TYPE;
  account = NO_ACCOUNT;
  userRefNum = 0;
  sinceNs = 0;
  /** The request's own account has had its answer. */
  isAnswered = false;
  /** The request came with an earlier record than the one being handled. */
  isHeldOver = false;

  /** A request of the record being handled. */
  begin(requestType: number, account: number, userRefNum: number): void {
    this.requestType = requestType;
    this.account = account;
    this.userRefNum = userRefNum;
    this.isAnswered = false;
    this.isHeldOver = false;
  }

  /** Nobody asked for what follows, but something caused it. */
  beginNone(sinceNs: number): void {
    this.begin(NO_REQUEST_TYPE, NO_ACCOUNT, 0);
    this.sinceNs = sinceNs;
  }

  /** Goes on with a request of an earlier record. */
  resume(requestType: number, account: number, userRefNum: number, sinceNs: number): void {
    this.begin(requestType, account, userRefNum);
    this.sinceNs = sinceNs;
    this.isHeldOver = true;
  }
}

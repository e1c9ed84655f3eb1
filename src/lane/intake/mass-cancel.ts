// Mass Cancel Request (ouch50.md §6.5, semantics §4.3): its answer first, then the orders in rising number, a step at
// a time (continued-work.ts). Lane thread.

import {
  APPENDAGE_MALFORMED,
  APPENDAGE_REFUSED,
  AppendageReader,
} from "../../protocol/ouch/appendage-reader.ts";
import { isSell, REJECT_REASON, SIDE } from "../../protocol/ouch/codes.ts";
import {
  MASS_CANCEL_REQUEST_BYTES,
  MASS_CANCEL_REQUEST_TAGS,
  MASS_CANCEL_REQUEST_TYPE,
  MassCancelRequest,
} from "../../protocol/ouch/mass-cancel-request.ts";
import { TAG } from "../../protocol/ouch/tag.ts";
import type { Account } from "../accounts.ts";
import type { ContinuedWork } from "../continued-work.ts";
import { HELD_KIND } from "../held-requests.ts";
import type { LaneState } from "../lane-state.ts";
import type { MassCancel } from "../mass-cancels.ts";
import { LEGAL } from "../order-checks.ts";

const BLANK_HALF = 0x20202020;

export class MassCancelIntake {
  private readonly state: LaneState;
  private readonly work: ContinuedWork;
  private readonly request = new MassCancelRequest();
  private readonly tags = new AppendageReader();

  constructor(state: LaneState, work: ContinuedWork) {
    this.state = state;
    this.work = work;
  }

  /** False when the message is malformed. */
  take(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const { state, request, tags } = this;
    const structure = tags.read(
      view,
      base,
      messageBytes,
      MASS_CANCEL_REQUEST_BYTES,
      false,
      MASS_CANCEL_REQUEST_TAGS,
    );
    if (structure === APPENDAGE_MALFORMED) return false;
    request.wrap(view, base);

    const userRefNum = request.userRefNum;
    const { userRefIdx } = tags;
    if (!state.isNewNumber(account, userRefIdx, MASS_CANCEL_REQUEST_TYPE, userRefNum)) return true;
    const channel = state.channels.of(account.channels, userRefIdx);
    state.cause.begin(MASS_CANCEL_REQUEST_TYPE, account.number, userRefNum);
    state.channels.setHigh(channel, userRefNum);

    let code = structure === APPENDAGE_REFUSED ? REJECT_REASON.OTHER : this.check(account);
    const massCancel = code === LEGAL ? state.massCancels.take() : undefined;
    if (code === LEGAL && massCancel === undefined) code = REJECT_REASON.PROCESSING_ERROR;
    if (massCancel === undefined) {
      const { answers } = state;
      answers.rejected(account.number, userRefNum, tags.userRefIdx, code, undefined, 0);
      return true;
    }
    this.fill(account, massCancel);
    state.isChanged = true;
    if (account.isHolding) this.hold(account, massCancel);
    else this.work.beginMassCancel(account, massCancel);
    return true;
  }

  private check(account: Account): number {
    const { request, tags } = this;
    if (!account.hasFirm(account.firmOf(request.firm))) return REJECT_REASON.FIRM_NOT_AUTHORIZED;
    const isSide = tags.side === SIDE.BUY || isSell(tags.side);
    return !tags.has(TAG.SIDE) || isSide ? LEGAL : REJECT_REASON.INVALID_SIDE;
  }

  private fill(account: Account, massCancel: MassCancel): void {
    const { state, request, tags } = this;
    massCancel.account = account.number;
    massCancel.userRefNum = request.userRefNum;
    massCancel.userRefIdx = tags.userRefIdx;
    massCancel.firmAsSent = request.firm;
    massCancel.firm = account.firmOf(request.firm);
    massCancel.symbolHigh = request.symbolHigh;
    massCancel.symbolLow = request.symbolLow;
    massCancel.isEverySymbol =
      request.symbolHigh === BLANK_HALF && request.symbolLow === BLANK_HALF;
    massCancel.side = tags.side;
    massCancel.groupId = tags.groupId;
    massCancel.tags = tags.present;
    massCancel.sinceNs = state.cause.sinceNs;
  }

  private hold(account: Account, massCancel: MassCancel): void {
    const { held, cause } = this.state;
    held.add(
      account,
      HELD_KIND.MASS_CANCEL,
      MASS_CANCEL_REQUEST_TYPE,
      cause.sinceNs,
      massCancel.userRefIdx,
      massCancel.userRefNum,
      0,
      0,
      massCancel.place,
    );
  }
}

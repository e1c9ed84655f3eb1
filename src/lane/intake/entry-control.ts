// Disable and Enable Order Entry (ouch50.md §6.6): resting orders stay, new ones of the firm are refused. Lane thread.

import {
  APPENDAGE_MALFORMED,
  APPENDAGE_REFUSED,
  AppendageReader,
} from "../../protocol/ouch/appendage-reader.ts";
import { REJECT_REASON } from "../../protocol/ouch/codes.ts";
import {
  DISABLE_ORDER_ENTRY_REQUEST_BYTES,
  DISABLE_ORDER_ENTRY_REQUEST_TAGS,
  DISABLE_ORDER_ENTRY_REQUEST_TYPE,
  DisableOrderEntryRequest,
} from "../../protocol/ouch/disable-order-entry-request.ts";
import {
  ENABLE_ORDER_ENTRY_REQUEST_BYTES,
  ENABLE_ORDER_ENTRY_REQUEST_TAGS,
  ENABLE_ORDER_ENTRY_REQUEST_TYPE,
  EnableOrderEntryRequest,
} from "../../protocol/ouch/enable-order-entry-request.ts";
import type { Account } from "../accounts.ts";
import type { LaneState } from "../lane-state.ts";
import { LEGAL } from "../order-checks.ts";

export class EntryControlIntake {
  private readonly state: LaneState;
  private readonly disableRequest = new DisableOrderEntryRequest();
  private readonly enableRequest = new EnableOrderEntryRequest();
  private readonly tags = new AppendageReader();

  constructor(state: LaneState) {
    this.state = state;
  }

  /** False when the message is malformed. */
  takeDisable(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const structure = this.tags.read(
      view,
      base,
      messageBytes,
      DISABLE_ORDER_ENTRY_REQUEST_BYTES,
      false,
      DISABLE_ORDER_ENTRY_REQUEST_TAGS,
    );
    if (structure === APPENDAGE_MALFORMED) return false;
    const { userRefNum, firm } = this.disableRequest.wrap(view, base);
    const type = DISABLE_ORDER_ENTRY_REQUEST_TYPE;
    if (!this.begin(account, type, userRefNum, firm, structure)) return true;
    if (account.disable(account.firmOf(firm))) {
      this.state.answers.entryDisabled(account.number, userRefNum, this.tags.userRefIdx, firm);
    } else {
      this.reject(account, userRefNum, REJECT_REASON.PROCESSING_ERROR);
    }
    return true;
  }

  /** False when the message is malformed. */
  takeEnable(account: Account, view: DataView, base: number, messageBytes: number): boolean {
    const structure = this.tags.read(
      view,
      base,
      messageBytes,
      ENABLE_ORDER_ENTRY_REQUEST_BYTES,
      false,
      ENABLE_ORDER_ENTRY_REQUEST_TAGS,
    );
    if (structure === APPENDAGE_MALFORMED) return false;
    const { userRefNum, firm } = this.enableRequest.wrap(view, base);
    const type = ENABLE_ORDER_ENTRY_REQUEST_TYPE;
    if (!this.begin(account, type, userRefNum, firm, structure)) return true;
    account.enable(account.firmOf(firm));
    this.state.answers.entryEnabled(account.number, userRefNum, this.tags.userRefIdx, firm);
    return true;
  }

  /** Uses the number up. False when the request was ignored or rejected. */
  private begin(
    account: Account,
    requestType: number,
    userRefNum: number,
    firm: number,
    structure: number,
  ): boolean {
    const { state, tags } = this;
    const { userRefIdx } = tags;
    if (!state.isNewNumber(account, userRefIdx, requestType, userRefNum)) return false;
    const channel = state.channels.of(account.channels, userRefIdx);
    state.cause.begin(requestType, account.number, userRefNum);
    state.channels.setHigh(channel, userRefNum);
    let code: number = LEGAL;
    if (structure === APPENDAGE_REFUSED) code = REJECT_REASON.OTHER;
    else if (!account.hasFirm(account.firmOf(firm))) code = REJECT_REASON.FIRM_NOT_AUTHORIZED;
    if (code !== LEGAL) this.reject(account, userRefNum, code);
    return code === LEGAL;
  }

  private reject(account: Account, userRefNum: number, code: number): void {
    const { answers } = this.state;
    answers.rejected(account.number, userRefNum, this.tags.userRefIdx, code, undefined, 0);
  }
}

// One OUCH message of an attached account: to the intake of its type, or to the malformed ones. Lane thread.

import { INBOUND_KIND, type InboundRecord } from "../../memory/inbound-record.ts";
import type { SlotMemory } from "../../memory/slot-memory.ts";
import { ACCOUNT_QUERY_REQUEST_TYPE } from "../../protocol/ouch/account-query-request.ts";
import { CANCEL_ORDER_REQUEST_TYPE } from "../../protocol/ouch/cancel-order-request.ts";
import { DISABLE_ORDER_ENTRY_REQUEST_TYPE } from "../../protocol/ouch/disable-order-entry-request.ts";
import { ENABLE_ORDER_ENTRY_REQUEST_TYPE } from "../../protocol/ouch/enable-order-entry-request.ts";
import { ENTER_ORDER_TYPE } from "../../protocol/ouch/enter-order.ts";
import { MASS_CANCEL_REQUEST_TYPE } from "../../protocol/ouch/mass-cancel-request.ts";
import { MODIFY_ORDER_REQUEST_TYPE } from "../../protocol/ouch/modify-order-request.ts";
import { REPLACE_ORDER_REQUEST_TYPE } from "../../protocol/ouch/replace-order-request.ts";
import type { Account } from "../accounts.ts";
import type { ContinuedWork } from "../continued-work.ts";
import type { LaneState } from "../lane-state.ts";
import { AccountQueryIntake } from "./account-query.ts";
import { CancelIntake } from "./cancel.ts";
import { EnterIntake } from "./enter.ts";
import { EntryControlIntake } from "./entry-control.ts";
import { MalformedIntake } from "./malformed.ts";
import { MassCancelIntake } from "./mass-cancel.ts";
import { ModifyIntake } from "./modify.ts";
import { ReplaceIntake } from "./replace.ts";

export class Intake {
  private readonly enter: EnterIntake;
  private readonly replace: ReplaceIntake;
  private readonly cancel: CancelIntake;
  private readonly modify: ModifyIntake;
  private readonly massCancel: MassCancelIntake;
  private readonly entryControl: EntryControlIntake;
  private readonly accountQuery: AccountQueryIntake;
  private readonly malformed: MalformedIntake;

  constructor(state: LaneState, work: ContinuedWork) {
    this.enter = new EnterIntake(state);
    this.replace = new ReplaceIntake(state);
    this.cancel = new CancelIntake(state);
    this.modify = new ModifyIntake(state);
    this.massCancel = new MassCancelIntake(state, work);
    this.entryControl = new EntryControlIntake(state);
    this.accountQuery = new AccountQueryIntake(state);
    this.malformed = new MalformedIntake(state);
  }

  take(account: Account, record: InboundRecord, slots: SlotMemory): void {
    const { view } = slots;
    const base = record.payloadOffset;
    const bytes = record.payloadBytes;
    const isWhole = record.kind === INBOUND_KIND.MESSAGE;
    if (isWhole && bytes > 0 && this.takeWhole(account, view, base, bytes)) return;
    this.malformed.take(account, view, base, bytes, isWhole ? bytes : record.detail);
  }

  /** False when the message is malformed. */
  private takeWhole(account: Account, view: DataView, base: number, bytes: number): boolean {
    switch (view.getUint8(base)) {
      case ENTER_ORDER_TYPE:
        return this.enter.take(account, view, base, bytes);
      case REPLACE_ORDER_REQUEST_TYPE:
        return this.replace.take(account, view, base, bytes);
      case CANCEL_ORDER_REQUEST_TYPE:
        return this.cancel.take(account, view, base, bytes);
      case MODIFY_ORDER_REQUEST_TYPE:
        return this.modify.take(account, view, base, bytes);
      case MASS_CANCEL_REQUEST_TYPE:
        return this.massCancel.take(account, view, base, bytes);
      case DISABLE_ORDER_ENTRY_REQUEST_TYPE:
        return this.entryControl.takeDisable(account, view, base, bytes);
      case ENABLE_ORDER_ENTRY_REQUEST_TYPE:
        return this.entryControl.takeEnable(account, view, base, bytes);
      case ACCOUNT_QUERY_REQUEST_TYPE:
        return this.accountQuery.take(account, view, base, bytes);
      default:
        return false;
    }
  }
}

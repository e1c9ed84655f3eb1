// Loaded into each thread of a gateway before its own code (see breaksAt): a lane breaks on orders of one quantity, when
// it has changed for them what it changes for any order.

import type { LaneCore } from "../../src/lane/lane-core.ts";
import { INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { describeInbound } from "../../src/protocol/ouch/describe.ts";

const QUANTITY_VARIABLE = "TAILGATE_TEST_BREAKS_AT";

/** The environment of such a gateway. */
export const breaksAt = (quantity: number): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import ${import.meta.url}`,
  [QUANTITY_VARIABLE]: String(quantity),
});

function breakAt(core: LaneCore, quantity: number): void {
  const { apply } = core;
  core.apply = function (record, slots, batch, index): boolean {
    const isLogged = apply.call(this, record, slots, batch, index);
    const { kind, payloadOffset, payloadBytes } = record;
    if (kind !== INBOUND_KIND.MESSAGE) return isLogged;
    const message = describeInbound(slots.view, payloadOffset, payloadBytes);
    if (message.quantity === quantity) throw new Error("invariant: a quantity that breaks lanes");
    return isLogged;
  };
}

const quantity = process.env[QUANTITY_VARIABLE];
if (quantity !== undefined) {
  const { LaneCore: Core } = await import("../../src/lane/lane-core.ts");
  breakAt(Core.prototype, Number(quantity));
}

// What a client was told before a gateway ended must be told again by the one that follows.

import assert from "node:assert/strict";
import type { TestGateway } from "./gateway.ts";
import type { Trader } from "./trader.ts";

/** Logs in as `before` did and asks for all: each message that it received is there, byte for byte. Returns one who is live. */
export async function mustKeep(gateway: TestGateway, before: Trader): Promise<Trader> {
  const { user, nextExpected } = before;
  const again = await gateway.trader(user, { session: gateway.session, sequence: 1 });
  await again.untilSequence(nextExpected - 1);
  const kept = new Map(again.messages.map(({ sequence, bytes }) => [sequence, bytes]));
  const changed = before.messages.filter(
    ({ sequence, bytes }) => kept.get(sequence)?.equals(bytes) !== true,
  );
  assert.deepEqual(
    changed.map(({ sequence, type }) => `${sequence} ${type}`),
    [],
    "messages are lost or changed",
  );
  return gateway.trader(user);
}

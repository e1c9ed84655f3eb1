import assert from "node:assert/strict";
import { test } from "node:test";
import { MASS_CANCELS_MAX, MassCancelPool } from "../../src/lane/mass-cancels.ts";

test("so many mass cancels may be on their way, and one more when one is done", () => {
  const pool = new MassCancelPool();
  const taken = Array.from({ length: MASS_CANCELS_MAX }, () => pool.take());
  assert.ok(!taken.includes(undefined));
  assert.equal(pool.take(), undefined);
  pool.give(pool.at(7));
  assert.equal(pool.take()?.place, 7);
  assert.equal(pool.take(), undefined);
});

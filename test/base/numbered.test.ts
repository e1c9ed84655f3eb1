import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../../src/base/numbered.ts";

test("names are numbered in their order, from zero", () => {
  assert.deepEqual(numbered(["first", "second"]), { first: 0, second: 1 });
  assert.deepEqual(numbered([]), {});
});

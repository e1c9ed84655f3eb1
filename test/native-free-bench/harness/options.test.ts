import assert from "node:assert/strict";
import { test } from "node:test";
import { numberOptions } from "../../../native-free-bench/harness/options.ts";

const DEFAULTS = { seconds: 10, "fast-rate": 50_000 };

test("options are numbers by name, and what is not said is the default", () => {
  const options = numberOptions(["--fast-rate", "0"], DEFAULTS);
  assert.deepEqual(options, { seconds: 10, "fast-rate": 0 });
});

test("what is no number and what is no option is refused", () => {
  assert.throws(() => numberOptions(["--seconds", "soon"], DEFAULTS), /--seconds is a number/);
  assert.throws(() => numberOptions(["--minutes", "1"], DEFAULTS), /--minutes/);
});

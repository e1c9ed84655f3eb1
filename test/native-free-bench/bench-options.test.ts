import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBenchOptions, SECTION_NAMES } from "../../native-free-bench/bench-options.ts";

const parse = (...args: string[]) => parseBenchOptions(args, "results");

test("without options everything runs, and its results are kept", () => {
  assert.deepEqual(parse(), {
    isQuick: false,
    sections: SECTION_NAMES,
    rounds: 2,
    directory: "results",
  });
});

test("a quick look leaves micro out and keeps nothing, unless it is asked to", () => {
  const quick = parse("--quick");
  assert.equal(quick?.directory, undefined);
  assert.ok(quick && !quick.sections.includes("micro"));
  assert.equal(parse("--quick", "--out", "here")?.directory, "here");
  assert.deepEqual(parse("--quick", "--only", "micro")?.sections, ["micro"]);
});

test("parts run in their own order, whichever they are asked for in", () => {
  assert.deepEqual(parse("--only", "nagle,side-by-side")?.sections, ["side-by-side", "nagle"]);
});

test("help is no bench, and what cannot be is refused with what can", () => {
  assert.equal(parse("--help"), undefined);
  assert.throws(() => parse("--only", "nagle,speed"), /--only knows side-by-side.*not "speed"/);
  for (const rounds of ["0", "1.5", "x", "101"]) {
    assert.throws(() => parse("--rounds", rounds), /--rounds is a whole number/);
  }
  assert.throws(() => parse("--fast"), /fast/);
});

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseCompareOptions } from "../../src/tools/compare-options.ts";
import { testDirectory } from "../support/gateway.ts";

const parse = (...words: string[]) => parseCompareOptions(["--b-set", "lanes.count=1", ...words]);

test("what a run would refuse is refused before anything is started", () => {
  assert.equal(parse("--load", "--rate 9000 --arrivals bursts")?.profile.kind, "load");
  assert.throws(() => parse("--load", "--rate none"), /--rate is a number/);
  assert.throws(() => parse("--load", "--nonsense"), /--nonsense/);
  for (const word of ["--find-max p999=8ms", "--target=1.2.3.4:5", "--out there", "--json"]) {
    assert.throws(() => parse("--load", word), /has no place in --load/, word);
  }
  // What only a shell understands is left to it.
  assert.equal(parse("--load", "--symbols 'A,B'")?.profile.kind, "load");
});

test("a capture that is none is refused before anything is started", () => {
  const file = join(testDirectory(), "day.capture");
  assert.throws(() => parse("--capture", file), /day\.capture/);
  writeFileSync(file, "not at all");
  assert.throws(() => parse("--capture", file), /day\.capture/);
  assert.throws(() => parse("--capture", file, "--replay", "--speed none"), /--speed/);
});

test("a baseline from too few blocks is refused before they are measured", () => {
  const saving = (blocks: string) =>
    parseCompareOptions(["--save-baseline", "base.json", "--noise-blocks", blocks]);
  for (const blocks of ["0", "1"]) assert.throws(() => saving(blocks), /--noise-blocks .* from 2/);
  assert.equal(saving("2")?.noiseBlocks, 2);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSampleCounts } from "../../src/telemetry/sample-counts.ts";
import { Sampler } from "../../src/telemetry/sampler.ts";
import {
  createTelemetryControl,
  SAMPLE_CLASS,
  TelemetryControl,
} from "../../src/telemetry/telemetry-control.ts";

const SECOND = 1e9;
const { limit, cancel, market } = SAMPLE_CLASS;

function rig(share: number, halveAbove: number): { sampler: Sampler; control: TelemetryControl } {
  const control = new TelemetryControl(createTelemetryControl());
  control.setShare(limit, share);
  control.setHalveAbove(limit, halveAbove);
  const sampler = new Sampler(control, createSampleCounts());
  sampler.moveTo(5 * SECOND);
  return { sampler, control };
}

/** How many of so many answers are due. */
function due(sampler: Sampler, answers: number, sampleClass: number = limit): number {
  let count = 0;
  for (let answer = 0; answer < answers; answer++) if (sampler.isDue(sampleClass)) count++;
  return count;
}

test("a share is exact, whatever it is", () => {
  for (const [share, answers, expected] of [
    [0.1, 1_000, 100],
    [0.5, 999, 499],
    [1, 1_000, 1_000],
    [0, 1_000, 0],
    [0.3, 10_000, 3_000],
    [0.000_001, 3_000_000, 3],
    [0.333_333, 1_000_000, 333_333],
  ] as const) {
    assert.equal(due(rig(share, 0).sampler, answers), expected, `share ${share}`);
  }
});

test("classes are counted apart", () => {
  const { sampler, control } = rig(0.1, 0);
  control.setShare(market, 1);
  assert.equal(due(sampler, 100, market), 100);
  assert.equal(due(sampler, 100, cancel), 0);
  assert.equal(due(sampler, 100), 10);
  assert.deepEqual(
    [market, cancel, limit].map((each) => sampler.counts.sampled(each)),
    [100, 0, 10],
  );
});

test("above its rate a class is halved within the second, and not a moment earlier", () => {
  const { sampler } = rig(0.5, 1_000);
  assert.equal(due(sampler, 1_000), 500);
  assert.equal(sampler.counts.halvings(limit), 0);
  assert.equal(due(sampler, 1_000), 250);
  assert.equal(sampler.counts.halvings(limit), 1);
});

test("each doubling of the rate halves once more, and is taken back by itself", () => {
  const { sampler } = rig(0.5, 1_000);
  const counts = [1_000, 1_000, 2_000, 4_000, 8_000].map((answers) => due(sampler, answers));
  assert.deepEqual(counts, [500, 250, 250, 250, 250]);
  assert.equal(sampler.counts.halvings(limit), 4);
  sampler.moveTo(6 * SECOND);
  due(sampler, 3_199); // less than four fifths of 4,000, and more than of 2,000
  sampler.moveTo(7 * SECOND);
  assert.equal(sampler.counts.halvings(limit), 2);
});

test("a class goes back when a whole second had less than four fifths of its rate", () => {
  const { sampler } = rig(1, 1_000);
  due(sampler, 1_001);
  assert.equal(sampler.counts.halvings(limit), 1);
  sampler.moveTo(6 * SECOND);
  due(sampler, 800);
  sampler.moveTo(7 * SECOND);
  assert.equal(sampler.counts.halvings(limit), 1, "800 of 1,000 are too many");
  due(sampler, 799);
  sampler.moveTo(8 * SECOND - 1);
  assert.equal(sampler.counts.halvings(limit), 1, "the second is not over");
  sampler.moveTo(8 * SECOND);
  assert.equal(sampler.counts.halvings(limit), 0);
  assert.equal(due(sampler, 10), 10);
});

test("a class goes back after seconds in which nothing came", () => {
  const { sampler } = rig(1, 100);
  due(sampler, 200);
  sampler.moveTo(9 * SECOND);
  assert.equal(sampler.counts.halvings(limit), 0);
});

test("what an operator changes is in force with the next answer", () => {
  const { sampler, control } = rig(0.1, 100);
  assert.equal(due(sampler, 200), 15);
  control.setHalveAbove(limit, 0);
  control.setShare(limit, 1);
  sampler.moveTo(6 * SECOND);
  assert.equal(sampler.counts.halvings(limit), 0, "there is no such rate any more");
  assert.equal(due(sampler, 200), 200);
});

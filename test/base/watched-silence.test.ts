import assert from "node:assert/strict";
import { test } from "node:test";
import { WatchedSilence } from "../../src/base/watched-silence.ts";

const MAX_MS = 1000;

/** Somebody whose last sign of life was at `signMs`. */
class Rig {
  readonly silence = new WatchedSilence(MAX_MS, 0);
  signMs = 0;

  looksAt(...momentsMs: readonly number[]): number[] {
    return momentsMs.map((nowMs) => this.silence.look(nowMs - this.signMs, nowMs));
  }
}

test("silence counts in full while the watcher looks often, and a sign of life ends it", () => {
  const rig = new Rig();
  assert.deepEqual(rig.looksAt(100, 200, 300), [100, 200, 300]);
  rig.signMs = 350;
  assert.deepEqual(rig.looksAt(400, 500), [50, 150]);
});

test("what the watcher slept through counts as one look, and what follows in full", () => {
  const rig = new Rig();
  assert.deepEqual(rig.looksAt(60_000, 60_100, 120_000, 120_100), [250, 350, 600, 700]);
});

test("a sign of life that is younger than the look is no silence", () => {
  const rig = new Rig();
  rig.signMs = 110;
  assert.deepEqual(rig.looksAt(100, 200), [0, 90]);
});

test("what was not expected is forgotten", () => {
  const rig = new Rig();
  rig.looksAt(200);
  rig.silence.forget();
  assert.deepEqual(rig.looksAt(300), [100]);
});

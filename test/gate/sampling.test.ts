import assert from "node:assert/strict";
import { test } from "node:test";
import { Sampling, samplingCommand } from "../../src/gate/sampling.ts";
import {
  createTelemetryControl,
  SAMPLE_CLASS,
  TelemetryControl,
} from "../../src/telemetry/telemetry-control.ts";

const SHARES = {
  market: { percent: 100, halveAbove: 5000 },
  limit: { percent: 10, halveAbove: 2000 },
  replace: { percent: 7, halveAbove: 2000 },
  cancel: { percent: 0.1, halveAbove: 1000 },
  other: { percent: 0, halveAbove: 0 },
};

function rig(): { sampling: Sampling; control: TelemetryControl } {
  const control = new TelemetryControl(createTelemetryControl());
  return {
    sampling: new Sampling(control, {
      json: true,
      binary: false,
      sample: SHARES,
      marketFillMsMax: 5,
      restedSecondsMax: 30,
      cancelAgainMsMax: 1000,
    }),
    control,
  };
}

test("what is in force from the start is what was configured, to the last digit", () => {
  const { sampling, control } = rig();
  assert.deepEqual(sampling.shares, SHARES);
  assert.deepEqual(sampling.command({ command: "sampling" }), { ok: true, result: SHARES });
  assert.equal(control.share(SAMPLE_CLASS.limit), 0.1);
  const { marketFillNsMax, restedNsMax, cancelAgainNsMax } = control;
  assert.deepEqual([marketFillNsMax, restedNsMax, cancelAgainNsMax], [5e6, 30e9, 1e9]);
});

test("a command changes what it names, at once, and shows what is in force then", () => {
  const { sampling, control } = rig();
  const answer = sampling.command({ set: { limit: { percent: 50 }, other: { halveAbove: 9 } } });
  const expected = {
    ...SHARES,
    limit: { percent: 50, halveAbove: 2000 },
    other: { percent: 0, halveAbove: 9 },
  };
  assert.deepEqual(answer, { ok: true, result: expected });
  assert.equal(control.share(SAMPLE_CLASS.limit), 0.5);
  assert.equal(control.halveAbove(SAMPLE_CLASS.other), 9);
});

test("a command with anything wrong in it changes nothing", () => {
  const { sampling } = rig();
  for (const set of [
    7,
    { limits: { percent: 1 } },
    { limit: { percent: 101 } },
    { limit: { percent: "5" } },
    { limit: 5 },
    { market: { percent: 1 }, limit: { halveAbove: 0.5 } },
    { __proto__: null, constructor: {} },
  ]) {
    const answer = sampling.command({ set });
    assert.equal(answer.ok, false, JSON.stringify(set));
    assert.match(answer.ok ? "" : answer.error.message, /^set\b.* (must be|is unknown)/);
  }
  assert.deepEqual(sampling.shares, SHARES);
});

test("without telemetry the command says so", async () => {
  const answer = await samplingCommand(undefined)({});
  assert.equal(answer.ok ? "" : answer.error.code, "NOT_RECORDED");
});

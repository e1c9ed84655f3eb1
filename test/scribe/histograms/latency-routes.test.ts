import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { HistogramRig } from "../../support/histogram-rig.ts";

const loaded = (): HistogramRig => {
  const rig = new HistogramRig({ lanes: 2 });
  for (let index = 1; index <= 20_000; index++) rig.answer(index * 1000, {}, index * 100);
  rig.answer(7e6, { isRejected: true });
  rig.answer(9e6, { type: "U", isPeerLimited: true });
  rig.endSecond();
  return rig;
};

test("/latency.json has what a script asks for, in nanoseconds", () => {
  const rig = loaded();
  const { status, contentType, body } = rig.get("/latency.json");
  assert.deepEqual({ status, contentType }, { status: 200, contentType: "application/json" });
  const json = JSON.parse(body.toString());
  assert.equal(json.unit, "ns");
  assert.equal(json.since, "1970-01-01T00:00:00.000Z");
  assert.equal(json.now.seconds, 1);
  assert.equal(json.now.isEnough, true);
  assert.ok(Math.abs(json.now.p999Ns / 19_980_000 - 1) < 0.001);
  assert.equal(json.headline[60].count, 20_000);
  assert.equal(json.headline[1].maxNs, 20e6);
  assert.equal("p9999Ns" in json.headline[1], false, "too few samples are no number");
  assert.equal(json.stages.ring[10].maxNs, 2e6);
  assert.equal(json.service[1].count, 20_000);
  assert.equal(json.events.E[1].count, 0);
  assert.equal(json.lanes.length, 2);
  assert.equal(json.laneTimes.batch[1].count, 0);
  assert.deepEqual(
    { ...json.sla, burn: json.sla.burn[0] },
    {
      headline: 20_000,
      overSla: 12_000,
      peerLimited: 1,
      burn: { over: 300, seconds: 1, count: 20_000, overSla: 12_000, ratio: 600 },
      peerLimitedShare: { 60: 1 / 20_001, 3600: 1 / 20_001 },
    },
  );
  assert.deepEqual(
    json.answers.map(
      ({ type, outcome, peerLimited, headline, count, maxNs }: Record<string, unknown>) =>
        [type, outcome, peerLimited, headline, count, maxNs].join(" "),
    ),
    [
      "O accepted false true 20000 20000000",
      "O rejected false false 1 7000000",
      "U accepted true false 1 9000000",
    ],
  );
});

test("/latency.json is made once a second, and again for another session", () => {
  const rig = loaded();
  const first = rig.get("/latency.json");
  assert.equal(rig.get("/latency.json"), first);
  rig.enterSession("20261120A");
  const second = rig.get("/latency.json");
  assert.equal(JSON.parse(second.body.toString()).session, "20261120A");
  rig.endSecond();
  assert.equal(JSON.parse(rig.get("/latency.json").body.toString()).headline[1].count, 0);
});

test("/latency.hgrm is a percentile distribution in microseconds", () => {
  const rig = loaded();
  const text = rig.get("/latency.hgrm?series=total").body.toString();
  const lines = text.trim().split("\n");
  assert.match(lines[0] ?? "", /Value +Percentile +TotalCount +1\/\(1-Percentile\)/);
  const values = lines.filter((line) => /^ +\d/.test(line)).map((line) => line.trim().split(/ +/));
  const median = values.find(([, percentile]) => Number(percentile) === 0.5);
  assert.ok(median && Math.abs(Number(median[0]) / 10_000 - 1) < 0.001);
  assert.equal(values.at(-1)?.[2], "20000");
  assert.match(text, /#\[Max {5}= +20000\.000, Total count {4}= +20000\]/);
});

test("stages, service, events, lane times and windows have distributions too", () => {
  const rig = loaded();
  for (const series of ["service", "ring", "event-E", "batch"]) {
    for (const window of ["cumulative", "1", "10", "60"]) {
      const { status, body } = rig.get(`/latency.hgrm?series=${series}&window=${window}`);
      assert.equal(status, 200);
      const expected = series === "service" || series === "ring" ? 20_000 : 0;
      assert.match(body.toString(), new RegExp(`Total count +=  +${expected}\\]`));
    }
  }
});

test("/latency.hdr is what the library and its tools decode", () => {
  const rig = loaded();
  const histogram = decodeFromCompressedBase64(rig.get("/latency.hdr").body.toString());
  assert.equal(histogram.totalCount, 20_000);
  assert.ok(Math.abs(histogram.getValueAtPercentile(99) / 19.8e6 - 1) < 0.001);
});

test("an unknown series or window is refused with those that there are", () => {
  const rig = loaded();
  for (const query of ["series=nothing", "window=2"]) {
    const { status, body } = rig.get(`/latency.hgrm?${query}`);
    assert.equal(status, 400);
    assert.match(body.toString(), /no (series|window) .* known here: /);
  }
});

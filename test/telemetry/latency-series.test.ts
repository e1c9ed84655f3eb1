import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ANSWER_SERIES,
  answerSeries,
  EVENT_SERIES,
  EVENT_TYPES,
  eventSeries,
  LANE_TIME,
  LANE_TIME_NAMES,
  REQUEST_TYPES,
  requestTypeIndex,
  STAGE,
  STAGE_CLASSES,
  STAGE_NAMES,
  STAGE_SERIES_COUNT,
  stageClass,
  stageSeries,
  UNKNOWN_REQUEST,
} from "../../src/telemetry/latency-series.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test("each type, outcome and reason to wait has an answer series of its own, with its labels", () => {
  const seen: number[] = [];
  for (const [type, letter] of REQUEST_TYPES.entries()) {
    for (const isRejected of [false, true]) {
      for (const isPeerLimited of [false, true]) {
        const series = answerSeries(type, isRejected, isPeerLimited);
        seen.push(series);
        assert.deepEqual(ANSWER_SERIES[series], {
          type: letter,
          outcome: isRejected ? "rejected" : "accepted",
          isPeerLimited,
          isHeadline: "OUXMC".includes(letter) && !isRejected && !isPeerLimited,
        });
      }
    }
  }
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    upTo(ANSWER_SERIES.length),
  );
});

test("each stage of each class, and each kind of event, has a series of its own", () => {
  const seen = STAGE_CLASSES.flatMap((_, stageClassIndex) =>
    STAGE_NAMES.map((name) => stageSeries(STAGE[name], stageClassIndex)),
  );
  seen.push(...EVENT_SERIES);
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    upTo(STAGE_SERIES_COUNT),
  );
});

test("what waited for its peer is one class, rejects are one, accepted ones are one by type", () => {
  for (const [type, letter] of REQUEST_TYPES.entries()) {
    const labelsOf = (isRejected: boolean, isPeerLimited: boolean): string => {
      const labels = STAGE_CLASSES[stageClass(type, isRejected, isPeerLimited)];
      return `${labels?.type} ${labels?.outcome} ${labels?.isPeerLimited}`;
    };
    assert.equal(labelsOf(false, false), `${letter} accepted false`);
    assert.equal(labelsOf(true, false), "any rejected false");
    assert.equal(labelsOf(false, true), "any any true");
    assert.equal(labelsOf(true, true), "any any true");
  }
});

test("of all bytes, only the letters of requests are types", () => {
  for (let byte = 0; byte < 256; byte++) {
    const expected = (REQUEST_TYPES as readonly string[]).indexOf(String.fromCharCode(byte));
    assert.equal(requestTypeIndex(byte), expected === -1 ? UNKNOWN_REQUEST : expected);
  }
});

test("an unsolicited message is an execution, a cancel, or something else", () => {
  for (let byte = 0; byte < 256; byte++) {
    const type = EVENT_TYPES[EVENT_SERIES.indexOf(eventSeries(byte))];
    const letter = String.fromCharCode(byte);
    assert.equal(type, letter === "E" || letter === "C" ? letter : "other");
  }
});

test("lane times are numbered as they are named", () => {
  assert.deepEqual(
    LANE_TIME_NAMES.map((name) => LANE_TIME[name]),
    upTo(LANE_TIME_NAMES.length),
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import { LatencyBook } from "../../../src/tools/driver/latency-book.ts";
import { REQUEST } from "../../../src/tools/driver/requests.ts";

test("a second tells what was recorded in it, and all of them together are the headline", () => {
  const book = new LatencyBook();
  for (let sample = 1; sample <= 100; sample++) {
    book.record(REQUEST.ENTER, true, sample * 1_000, sample * 500);
  }
  book.endSecond(1, 101);
  book.endSecond(2.5, 0);
  for (let sample = 1; sample <= 50; sample++) {
    book.record(REQUEST.CANCEL, true, 7_000_123, 6_000_000);
  }
  book.endSecond(3, 50);

  const series = book.series();
  assert.deepEqual(
    series.map(({ second, sent, max }) => [second, sent, max]),
    [
      [0, 101, 100_000],
      [1, 0, null],
      [2, 50, 7_000_123],
    ],
  );
  assert.equal(series[2]?.p99, null, "fifty answers are too few for a P99");

  const { response, service, responseByRequest } = book.summary();
  assert.equal(response.count, 150);
  assert.equal(response.max, 7_000_123);
  assert.equal(service.max, 6_000_000);
  assert.equal(responseByRequest.enter?.count, 100);
  assert.equal(responseByRequest.cancel?.count, 50);

  const decoded = decodeFromCompressedBase64(book.histogram("response"));
  assert.equal(decoded.totalCount, 150);
  assert.equal(decoded.getValueAtPercentile(50), response.p50);
  const decodedService = decodeFromCompressedBase64(book.histogram("service"));
  assert.equal(decodedService.getValueAtPercentile(50), service.p50);
});

test("refused requests are kept apart", () => {
  const book = new LatencyBook();
  book.record(REQUEST.ENTER, false, 5_000, 4_000);
  book.endSecond(1, 1);
  const { response, rejected } = book.summary();
  assert.deepEqual([response.count, rejected.count, rejected.max], [0, 1, 5_000]);
});

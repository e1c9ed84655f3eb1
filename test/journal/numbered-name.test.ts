import assert from "node:assert/strict";
import { test } from "node:test";
import { numberedName } from "../../src/journal/numbered-name.ts";

test("names are ours as we write them only: a number comes once, whatever others have put beside it", () => {
  const ours = ["segment-000002.journal", "segment-000001.journal", "segment-1000000.journal"];
  const others = [
    "segment-1.journal",
    "segment-0x0002.journal",
    "segment-000001 .journal",
    "segment-000000.journal",
    "segment-0000-1.journal",
    "segment-0000.5.journal",
    "segment-000NaN.journal",
    "segment-Infinity.journal",
    "segment-000003.journal.bak",
    "old-segment-000003.journal",
    "segment-000003.staging",
    "fragment000003.journal",
    "segment-.journal",
    "",
  ];
  assert.deepEqual(
    numberedName("segment-", ".journal").among([...others, ...ours]),
    [1, 2, 1_000_000],
  );
});

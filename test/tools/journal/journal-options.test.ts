import assert from "node:assert/strict";
import { test } from "node:test";
import { INBOUND_KIND } from "../../../src/memory/inbound-record.ts";
import {
  type ListOptions,
  parseJournalOptions,
} from "../../../src/tools/journal/journal-options.ts";

const list = (...args: string[]): ListOptions => {
  const options = parseJournalOptions(["journal", ...args]);
  assert.equal(options?.command, "list");
  return options;
};
const refusal = (...args: string[]): string => {
  try {
    parseJournalOptions(args);
  } catch (error) {
    return String(error);
  }
  return "";
};

test("a path alone asks for everything; how to print it changes nothing", () => {
  const options = list();
  assert.equal(options.isPlain, true);
  assert.equal(options.selection.lastRecord, Number.POSITIVE_INFINITY);
  assert.equal(list("--json").isPlain, true);
  assert.equal(list("--follow").isPlain, false);
  assert.equal(list("--type", "O").isPlain, false);
});

test("times of day become nanoseconds since midnight", () => {
  const { selection } = list("--from", "09:30", "--to", "9:30:00.250");
  assert.equal(selection.fromNs, 34_200e9);
  assert.equal(selection.toNs, 34_200.25e9);
  assert.equal(list("--to", "25:00").selection.toNs, 90_000e9);
  for (const bad of ["9", "09:60", "09:30:61", "09:30:1", "noon", "-1:00"]) {
    assert.match(refusal("x", `--from=${bad}`), /HH:MM/, bad);
  }
});

test("numbers of records are one, a range, or all from one on", () => {
  const rangeOf = (text: string): number[] => {
    const { firstRecord, lastRecord } = list("--record", text).selection;
    return [firstRecord, lastRecord];
  };
  assert.deepEqual(rangeOf("7"), [7, 7]);
  assert.deepEqual(rangeOf("7.."), [7, Number.POSITIVE_INFINITY]);
  assert.deepEqual(rangeOf("7..7"), [7, 7]);
  for (const bad of ["0", "7..6", "..", "7.8", "x"]) {
    assert.match(refusal("x", "--record", bad), /whole number/, bad);
  }
});

test("types are the letters of requests and the names of records, in either case", () => {
  const { types, kinds } = list("--type", "o,U", "--type", "attach").selection;
  assert.deepEqual(types, [0x4f, 0x55]);
  assert.deepEqual(kinds, [INBOUND_KIND.ATTACH]);
  assert.match(refusal("x", "--type", "Z"), /--type is one of O, .*ATTACH/);
});

test("in a client's stream types are those of our messages", () => {
  const stream = ["--answers", "--account", "alice"];
  assert.deepEqual(list(...stream, "--type", "A,J").selection.types, [0x41, 0x4a]);
  assert.match(refusal("x", ...stream, "--type", "ATTACH"), /--type is one of/);
  assert.equal(list(...stream).selection.account, "ALICE");
  assert.equal(list(...stream, "--sequence", "12").firstSequence, 12);
  assert.equal(list(...stream, "--sequence", "12..14").lastSequence, 14);
});

test("what does not go together is refused", () => {
  assert.match(refusal("x", "--raw"), /--raw and --sequence are for/);
  assert.match(refusal("x", "--verify", "--account", "A"), /without --account/);
  assert.match(refusal("x", "--cut-at", "5"), /only repair takes --cut-at/);
  assert.match(refusal("x", "y"), /one path/);
  assert.match(refusal("--json"), /one path/);
  assert.match(refusal("repair", "x", "--json", "--yes"), /repair takes no --json/);
  assert.match(refusal("repair", "x", "--yes"), /--yes needs --cut-at/);
  assert.match(refusal("repair", "x", "--cut-at", "0"), /whole number from 1/);
});

test("repair takes a place, a lane and a word of certainty", () => {
  assert.deepEqual(parseJournalOptions(["repair", "x", "--cut-at", "5", "--lane", "1", "--yes"]), {
    command: "repair",
    path: "x",
    cutAt: 5,
    lane: 1,
    isCertain: true,
  });
  assert.equal(parseJournalOptions([]), undefined);
});

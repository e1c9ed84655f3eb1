import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCaptureOptions } from "../../src/tools/capture-options.ts";

const parse = (line: string) => parseCaptureOptions(line.split(" "));

test("a cut has times, connections and accounts", () => {
  const options = parse(
    "cut a.pcap --out b --from 250ms --to 3m --connection 1,2 --connection 9 --account alice,BOB",
  );
  assert.deepEqual(options, {
    command: "cut",
    paths: ["a.pcap"],
    out: "b",
    port: undefined,
    from: { afterNs: 250e6 },
    to: { afterNs: 180e9 },
    connections: [1, 2, 9],
    accounts: ["ALICE", "BOB"],
    isJson: false,
  });
});

test("a moment is a time since the first record, or one on the wall", () => {
  const from = (text: string) => parse(`cut a --out b --from ${text}`)?.from;
  assert.deepEqual(from("0"), { afterNs: 0 });
  assert.deepEqual(from("2.5"), { afterNs: 2.5e9 });
  assert.deepEqual(from("1h"), { afterNs: 3600e9 });
  assert.deepEqual(from("2026-11-21T14:30:00.005500Z"), {
    epochMs: Date.UTC(2026, 10, 21, 14, 30, 0, 5) + 0.5,
  });
  assert.deepEqual(from("2026-11-21T14:30:00.5Z"), {
    epochMs: Date.UTC(2026, 10, 21, 14, 30, 0, 500),
  });
  for (const text of ["noon", "-1", "1d", "2026-11-21", "2026-99-99T00:00Z"]) {
    assert.throws(() => from(text), /--from is like|argument|ambiguous/, text);
  }
});

test("help is asked for with nothing, or with --help", () => {
  assert.equal(parseCaptureOptions([]), undefined);
  assert.equal(parse("info --help"), undefined);
});

test("what cannot be is refused", () => {
  for (const [line, pattern] of [
    ["--json", /^say one of info, cut/],
    ["show a", /"show" is not one of/],
    ["info", /one file/],
    ["info a b", /one file/],
    ["info a --out b", /info writes no file/],
    ["info a --account X", /only cut takes --account/],
    ["cut a", /cut needs --out/],
    ["merge a --out b", /merge takes two files/],
    ["import a --out b --port 0", /--port is a whole number from 1 to 65535/],
    ["cut a --out b --connection x", /--connection is a whole number/],
    ["info a --speed 2", /Unknown option '--speed'/],
  ] as const) {
    assert.throws(() => parse(line), { message: pattern }, line);
  }
});

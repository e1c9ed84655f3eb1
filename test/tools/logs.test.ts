import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { logEntries, logFiles } from "../../src/tools/logs/log-files.ts";
import { parseLogsOptions } from "../../src/tools/logs/log-options.ts";
import { isWanted } from "../../src/tools/logs/log-text.ts";
import { testDirectory } from "../support/gateway.ts";
import { runTool, type ToolRun } from "../support/run-tool.ts";

const DAY = "2026-11-20T";
const answer = (time: string, more: object): string =>
  `${JSON.stringify({
    level: "info",
    time: `${DAY}${time}Z`,
    event: "answer",
    thread: "gate",
    status: "ok",
    account: "ALICE",
    type: "O",
    userRefNum: 1,
    answer: "A",
    symbol: "AAPL",
    totalUs: 118,
    why: "sampled",
    ...more,
  })}\n`;

function written(): string {
  const directory = join(testDirectory(), "telemetry");
  mkdirSync(directory);
  writeFileSync(
    join(directory, "orders-20261120T150000.000Z.log"),
    answer("15:00:00.000001", {}) +
      answer("15:00:00.500000", {
        type: "X",
        answer: "C",
        userRefNum: 2,
        totalUs: 6_001,
        why: "slow",
      }),
  );
  writeFileSync(
    join(directory, "orders-20261120T160000.000Z.log"),
    answer("16:00:00.000000", {
      level: "warn",
      account: "BOB",
      status: "error",
      answer: "J",
      reason: "0017 invalid symbol",
    }) +
      `${JSON.stringify({
        level: "warn",
        time: `${DAY}16:00:01.000000Z`,
        event: "disconnect",
        thread: "gate",
        status: "time-out",
        account: "BOB",
        address: "127.0.0.1:5000",
        reason: "idle",
      })}\n`,
  );
  writeFileSync(join(directory, "latency-20261120T160000.000Z.hlog"), "of somebody else\n");
  return directory;
}

const logs = (...args: readonly string[]): Promise<ToolRun> => runTool("logs.ts", args);
const linesOf = ({ stdout }: ToolRun): string[] => stdout.split("\n").filter(Boolean);

test("every record of a directory is a line, oldest file first", async () => {
  const run = await logs(written());
  assert.equal(run.status, 0, run.stderr);
  assert.deepEqual(
    linesOf(run).map((line) => line.replace(/ {2,}/g, "  ")),
    [
      "2026-11-20 15:00:00.000001  answer  ALICE  118 µs  O 1 → A  AAPL ok (sampled)",
      "2026-11-20 15:00:00.500000  answer  ALICE  6.00 ms  X 2 → C  AAPL ok (slow)",
      "2026-11-20 16:00:00.000000  answer  BOB  118 µs  O 1 → J  AAPL error 0017 invalid symbol (sampled)",
      "2026-11-20 16:00:01.000000  disconnect  BOB  time-out idle 127.0.0.1:5000",
    ],
  );
});

test("filters leave what they name, alone and together", () => {
  const entries = logFiles([written()], false).flatMap((file) => [
    ...logEntries(file, () => assert.fail("torn")),
  ]);
  const nowMs = Date.parse(`${DAY}16:00:01.500Z`);
  for (const [words, count] of [
    ["--account bob", 2],
    ["--type x", 1],
    ["--event disconnect", 1],
    ["--status error", 1],
    ["--over 6ms", 1],
    ["--over 6001us", 0],
    ["--since 2026-11-20T16:00", 2],
    ["--since 16:00:01", 1],
    ["--since 2s", 2],
    ["--until 2026-11-20T15:00:00.5", 2],
    ["--since 2026-11-20T15:00:00.001 --until 2026-11-20T16:00", 2],
    ["--since 2026-11-20T15:00:00 --account ALICE --type O", 1],
  ] as const) {
    const options = parseLogsOptions(words.split(" "), nowMs) ?? assert.fail("help");
    assert.equal(entries.filter((entry) => isWanted(entry, options.filter)).length, count, words);
  }
});

test("of many records the latest can be asked for", async () => {
  const run = await logs(written(), "--json", "--last", "1", "--account", "ALICE");
  assert.deepEqual(
    linesOf(run).map((line) => JSON.parse(line).userRefNum),
    [2],
  );
});

test("a line that is cut short, or no record, is told and leaves the others readable", async () => {
  for (const line of ['{"level":"in', "null", "17", "[]", "{}", '{"time":17}']) {
    const directory = written();
    appendFileSync(join(directory, "orders-20261120T150000.000Z.log"), `${line}\n`);
    const run = await logs(directory);
    assert.equal(run.status, 0, `${line}: ${run.stderr}`);
    assert.equal(linesOf(run).length, 4, line);
    assert.match(
      run.stderr,
      /orders-20261120T150000\.000Z\.log has a line that is cut short or no record/,
    );
  }
});

test("a binary file is read by its cores, to the nanosecond", async () => {
  const directory = written();
  const order = Buffer.alloc(21);
  order.writeBigUInt64LE((2n << 56n) | (7n << 32n) | 4_000_000_000n, 0);
  order.writeBigUInt64LE(1_795_186_800_123_456_789n, 8);
  order.writeUInt8(2, 16);
  order.writeInt32LE(9_000, 17);
  const peer = Buffer.alloc(21);
  peer.writeBigUInt64LE((0xffff_ffffn << 32n) | 12n, 0);
  peer.writeBigUInt64LE(1_795_186_801_000_000_000n, 8);
  peer.writeUInt8(3, 16);
  // More than is read in one piece, which no record's length divides.
  const pairs = Array.from({ length: 30_000 }, () => [order, peer]).flat();
  writeFileSync(join(directory, "orders-20261120T150000.000Z.bin"), Buffer.concat(pairs));
  const run = await logs(directory, "--binary", "--json", "--last", "2");
  assert.deepEqual(
    linesOf(run).map((line) => JSON.parse(line)),
    [
      {
        time: "2026-11-20T15:00:00.123456789Z",
        status: "time-out",
        totalUs: 9_000,
        account: "2/7",
        userRefNum: 4_000_000_000,
      },
      { time: "2026-11-20T15:00:01.000000000Z", status: "disconnect", totalUs: 0, connection: 12 },
    ],
  );
  const late = await logs(join(directory, "orders-20261120T150000.000Z.bin"), "--account", "2/7");
  assert.equal(linesOf(late).length, 30_000);
});

test("what cannot be is said, with help", async () => {
  for (const words of [
    "--status bad",
    "--event reject",
    "--over 5",
    "--since yesterday",
    "--last 0",
    "--colour",
  ]) {
    assert.throws(
      () => parseLogsOptions(words.split(" "), 0),
      /--(status|event|over|since|last|colour)/,
    );
  }
  const wrong = await logs("--status", "bad");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /npm run logs -- /);
  const empty = await logs(testDirectory());
  assert.equal(empty.status, 1);
  assert.match(empty.stderr, /no log files in/);
  const help = await logs("--help");
  assert.equal(help.status, 0);
  assert.match(help.stdout, /--over 5ms/);
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import type {
  OverlappingEvent,
  SlowOrder,
  SlowOrders,
} from "../../src/scribe/events/slow-order.ts";
import { parseSlowOptions } from "../../src/tools/slow-options.ts";
import { groupOrders, slowReport } from "../../src/tools/slow-report.ts";
import { runTool } from "../support/run-tool.ts";

const event = (what: string, worstStageUs: number): OverlappingEvent => ({
  what,
  kind: "gc",
  thread: "gate",
  time: "2026-11-21T10:18:21.368732Z",
  durationMs: 11.678,
  monotonicNs: 1,
  overlapUs: worstStageUs,
  worstStageUs,
});

const order = (fields: Partial<SlowOrder>): SlowOrder => ({
  time: "2026-11-21T10:18:21.368537Z",
  monotonicNs: 1,
  account: "ALICE",
  type: "O",
  answer: "A",
  userRefNum: 7,
  symbol: "AAPL",
  outcome: "accepted",
  isDelayed: false,
  isPeerLimited: false,
  totalUs: 12_000,
  worstStage: "loopWait",
  stagesUs: {
    loopWait: 11_000,
    frame: 1,
    ring: 2,
    decide: 3,
    journal: 900,
    release: 50,
    write: 44,
  },
  lane: 0,
  connection: 1,
  ringDepth: 0,
  batchCount: 1,
  batchIndex: 0,
  events: [],
  eventsMore: 0,
  ...fields,
});

const SLOW: SlowOrders = {
  over: "5ms",
  kept: 1234,
  keptSince: "2026-11-21T10:17:00.123456Z",
  found: 3,
  orders: [
    order({ events: [event("major gc on gate", 10_000)] }),
    order({ events: [event("major gc on gate", 9000)], totalUs: 20_000, userRefNum: 8 }),
    order({ events: [event("scrape", 0)], account: "BOB", outcome: "rejected", totalUs: 40_000 }),
  ],
};

test("without arguments the last 100 over 5 ms are grouped by event", () => {
  const { admin, ...options } = parseSlowOptions([]) ?? {};
  assert.deepEqual(options, { over: "5ms", last: "100", by: "event", isJson: false });
  assert.match(String(admin), /^127\.0\.0\.1:\d+$/);
  assert.equal(parseSlowOptions(["--help"]), undefined);
  assert.throws(() => parseSlowOptions(["--by", "moon"]), /one of event, stage/);
  assert.throws(() => parseSlowOptions(["--admin", "here"]), /HOST:PORT/);
  assert.throws(() => parseSlowOptions(["--nonsense"]));
});

test("a group has its orders, their time together and the worst of them, the dearest group first", () => {
  const events = groupOrders(SLOW.orders, "event");
  assert.deepEqual(
    events.map(({ name, count, totalUs, worst }) => [name, count, totalUs, worst.userRefNum]),
    [
      ["nothing seen", 1, 40_000, 7],
      ["major gc on gate", 2, 32_000, 8],
    ],
  );
  const names = (by: "stage" | "account" | "type"): string[] =>
    groupOrders(SLOW.orders, by).map(({ name }) => name);
  assert.deepEqual(names("stage"), ["loopWait"]);
  assert.deepEqual(names("account"), ["BOB", "ALICE"]);
  assert.deepEqual(names("type"), ["O rejected", "O accepted"]);
});

test("people read a line for each group, or for each order", () => {
  const [head, , titles, first, second] = slowReport(SLOW, "event").split("\n");
  assert.equal(head, "3 orders took 5ms or longer, of 1,234 kept since 10:17:00.123 (UTC)");
  assert.match(titles ?? "", /^event +orders +together +the worst of them$/);
  assert.match(first ?? "", /^nothing seen +1 +40\.0 ms +10:18:21\.368 +BOB +O 7, rejected +AAPL/);
  assert.match(
    second ?? "",
    /^major gc on gate +2 +32\.0 ms .* loopWait 11\.0 ms +major gc on gate/,
  );
  const all = slowReport({ ...SLOW, found: 200 }, "none")
    .trimEnd()
    .split("\n");
  assert.match(all[0] ?? "", /the last 3 of them shown$/);
  assert.equal(all.length, 5);
  const none = slowReport({ ...SLOW, keptSince: "", kept: 0, found: 0, orders: [] }, "event");
  assert.equal(none, "0 orders took 5ms or longer, of 0 kept (UTC)\n");
});

/** Answers as an admin port does, and tells what was asked. */
const asked: string[] = [];
const admin = createServer((request, response) => {
  const url = request.url ?? "";
  asked.push(url);
  const isGood = !url.includes("over=moon");
  response.writeHead(isGood ? 200 : 400);
  response.end(JSON.stringify(isGood ? SLOW : { error: "over is a time with its unit" }));
}).listen(0, "127.0.0.1");
after(() => admin.close());

test("the tool asks the admin port, and says what is wrong", async () => {
  await once(admin, "listening");
  const { port } = admin.address() as AddressInfo;
  const run = (...args: string[]) => runTool("slow.ts", ["--admin", `127.0.0.1:${port}`, ...args]);
  const [good, json, wrong, usage] = await Promise.all([
    run("--last", "3"),
    run("--json", "--by", "stage", "--over", "250us"),
    run("--over", "moon"),
    run("--by", "moon"),
  ]);
  assert.equal(good.status, 0, good.stderr);
  assert.match(good.stdout, /major gc on gate/);
  assert.ok(asked.includes("/slow.json?over=5ms&last=3"), asked.join());
  const { by, groups, orders } = JSON.parse(json.stdout);
  assert.deepEqual([by, groups.length, orders.length], ["stage", 1, 3]);
  assert.deepEqual([wrong.status, wrong.stderr], [2, "over is a time with its unit\n"]);
  assert.equal(usage.status, 2);
  admin.close();
  admin.closeAllConnections();
  const dead = await run();
  assert.equal(dead.status, 5);
  assert.match(dead.stderr, /no answer from .*ECONNREFUSED/);
});

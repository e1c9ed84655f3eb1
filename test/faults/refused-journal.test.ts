// A journal that this gateway must not go on with: damaged, of another version, answered differently by this build, or
// made for another number of lanes. It says so in one line and leaves every byte as it is (semantics §3.3).

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { JOURNAL_FORMAT_VERSION, SEGMENT_HEADER_BYTES } from "../../src/journal/journal-layout.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../src/memory/lane-config.ts";
import { changedBuild } from "../support/changed-build.ts";
import { type FaultLine, refusal } from "../support/fault-line.ts";
import { gatewayArguments, runGateway, TestGateway, testDirectory } from "../support/gateway.ts";
import { mustKeep } from "../support/kept-answers.ts";
import type { Trader } from "../support/trader.ts";

const TOO_HIGH = 2_000_000_001;

describe("a journal that must not be gone on with", () => {
  const directory = testDirectory();
  let args: readonly string[];
  let trader: Trader;
  let session: string;
  let segment: string;

  before(async () => {
    const hooks = { after: () => undefined };
    const gateway = await TestGateway.start(hooks, { directory });
    trader = await gateway.trader();
    trader.order();
    trader.order({ price: TOO_HIGH });
    trader.order();
    assert.deepEqual(await trader.heard(), ["A 1 L", "J 2 001D", "A 3 L"]);
    await gateway.stop();
    session = gateway.session;
    segment = join(directory, session, "lane-0", "segment-000001.journal");
    args = gatewayArguments(directory);
  });

  /** Of every file of the session. */
  const digests = (): string[] => {
    const top = join(directory, session);
    return readdirSync(top, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => `${path} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`)
      .sort();
  };

  /** The fault of a gateway, of another build if need be; nothing is changed by it. */
  async function refused(root?: string): Promise<FaultLine> {
    const whole = digests();
    const fault = await refusal(args, root === undefined ? {} : { cwd: root });
    assert.deepEqual(digests(), whole, "files were changed");
    return fault;
  }

  test("is damaged: file and offset", async () => {
    const descriptor = openSync(segment, "r+");
    // In the middle of the first batch; there are more behind it.
    const offset = SEGMENT_HEADER_BYTES + 100;
    const byte = Buffer.alloc(1);
    readSync(descriptor, byte, 0, 1, offset);
    writeSync(descriptor, Buffer.from([byte.readUInt8() ^ 1]), 0, 1, offset);
    const fault = await refused();
    writeSync(descriptor, byte, 0, 1, offset);
    closeSync(descriptor);
    assert.deepEqual(
      [fault.code, fault.file, fault.offset],
      ["JOURNAL_DAMAGED", segment, SEGMENT_HEADER_BYTES],
    );
    assert.match(fault.advice, /repair/);
  });

  test("was begun at another midnight than session.json has: both", async () => {
    const file = join(directory, session, "session.json");
    const text = readFileSync(file, "utf8");
    const { midnightUtcMs } = JSON.parse(text) as { midnightUtcMs: number };
    const dayBefore = midnightUtcMs - 86_400_000;
    const records = readFileSync(segment);
    writeFileSync(file, text.replace(String(midnightUtcMs), String(dayBefore)));
    const fault = await refusal(args);
    writeFileSync(file, text);
    assert.equal(fault.code, "JOURNAL_MISMATCH");
    assert.match(
      String(fault.reason),
      new RegExp(`midnightUtcMs ${dayBefore}, its journal ${midnightUtcMs}`),
    );
    assert.deepEqual(readFileSync(segment), records, "a record of a wrong time was written");
  });

  test("has another behaviour or format: file and both numbers", async (context) => {
    for (const [file, constant, version] of [
      ["src/memory/lane-config.ts", "LANE_BEHAVIOUR_VERSION", LANE_BEHAVIOUR_VERSION],
      ["src/journal/journal-layout.ts", "JOURNAL_FORMAT_VERSION", JOURNAL_FORMAT_VERSION],
    ] as const) {
      const [now, next] = [`${constant} = ${version};`, `${constant} = ${version + 1};`];
      const fault = await refused(changedBuild(context, file, now, next));
      assert.deepEqual(
        [fault.code, fault.file, fault.found, fault.known],
        ["JOURNAL_VERSION", segment, version, version + 1],
      );
    }
  });

  test("is answered differently by this build: record, account and message", async (context) => {
    const codes = "src/protocol/ouch/codes.ts";
    const root = changedBuild(context, codes, "INVALID_PRICE: 0x001d", "INVALID_PRICE: 0x001f");
    const fault = await refused(root);
    assert.deepEqual(
      [fault.code, fault.lane, fault.account, fault.file],
      ["JOURNAL_DIFFERS", 0, trader.user, segment],
    );
    assert.match(String(fault.message), / type=O userRefNum=2 /);
    assert.ok(Number(fault.record) > 2);
  });

  test("is gone on with by a build that answers alike, and by the first one behind that", async (context) => {
    const file = "src/lane/lane.ts";
    const root = changedBuild(context, file, "// One lane's turn", "// A lane's turn");
    const other = await runGateway(args, (child) => child.kill("SIGTERM"), { cwd: root });
    assert.equal(other.status, 0, other.stderr);
    await mustKeep(await TestGateway.start(context, { directory }), trader);
  });
});

test("the folder of a lane that is gone is damage, not another disk's failure", async (context) => {
  const gone = testDirectory();
  const gateway = await TestGateway.start(context, { directory: gone });
  const { session } = gateway;
  await gateway.stop("SIGKILL");
  const lane = join(gone, session, "lane-0");
  rmSync(lane, { recursive: true });
  const run = await runGateway(gatewayArguments(gone));
  assert.equal(run.status, 34);
  assert.match(run.stderr, /JOURNAL_DAMAGED.*lane-0.*missing/);
});

test("segments that are gone are damage, and the session goes on when they are back", async (context) => {
  const directory = testDirectory();
  const gateway = await TestGateway.start(context, { directory });
  const trader = await gateway.trader();
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
  await gateway.stop("SIGKILL");
  const session = join(directory, gateway.session);
  const lane = join(session, "lane-0");
  const [first, ...later] = readdirSync(lane).filter((name) => name.endsWith(".journal"));
  assert.ok(first !== undefined && later.length > 0);
  const aside = testDirectory();
  const args = gatewayArguments(directory);
  for (const { gone, reason } of [
    { gone: [first, ...later], reason: /all segments of lane 0 are missing/ },
    { gone: [first], reason: /segment is missing/ },
  ]) {
    for (const name of gone) renameSync(join(lane, name), join(aside, name));
    const fault = await refusal(args);
    assert.deepEqual([fault.code, fault.file], ["JOURNAL_DAMAGED", join(lane, first)]);
    assert.match(String(fault.reason), reason);
    for (const name of gone) renameSync(join(aside, name), join(lane, name));
  }
  renameSync(session, join(aside, "whole"));
  mkdirSync(session);
  const emptied = await refusal(args);
  assert.deepEqual(
    [emptied.code, emptied.file],
    ["JOURNAL_DAMAGED", join(session, "session.json")],
  );
  rmSync(session, { recursive: true });
  renameSync(join(aside, "whole"), session);
  await mustKeep(await TestGateway.start(context, { directory }), trader);
});

test("another number of lanes is refused while the session is open, with both numbers", async (context) => {
  const directory = testDirectory();
  const settingsFor = (count: number) => ({ "venue.kind": "ack", "lanes.count": count });
  const gateway = await TestGateway.start(context, { directory, settings: settingsFor(2) });
  const trader = await gateway.trader();
  trader.order();
  await trader.heard();
  await gateway.stop("SIGKILL");
  for (const count of [1, 3]) {
    const fault = await refusal(gatewayArguments(directory, { settings: settingsFor(count) }));
    assert.equal(fault.code, "JOURNAL_MISMATCH");
    assert.match(String(fault.reason), new RegExp(`has 2 lanes, lanes.count is ${count}`));
    assert.match(fault.advice, /set what the reason names back/);
  }
  await mustKeep(await TestGateway.start(context, { directory, settings: settingsFor(2) }), trader);
});

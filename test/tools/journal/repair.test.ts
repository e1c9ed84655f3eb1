import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { realFiles } from "../../../src/journal/files.ts";
import { BATCH_HEADER_BYTES } from "../../../src/journal/journal-layout.ts";
import { lockDirectory } from "../../../src/journal/lock.ts";
import { StateFileWriter } from "../../../src/journal/state-file.ts";
import { LaneCore } from "../../../src/lane/lane-core.ts";
import { makeVenue } from "../../../src/lane/make-venue.ts";
import { Outbox } from "../../../src/lane/outbox.ts";
import { recover } from "../../../src/lane/recovery.ts";
import { Unsequenced } from "../../../src/lane/unsequenced.ts";
import { CounterWriter, createCounters, LANE_COUNTERS } from "../../../src/memory/counters.ts";
import { INBOUND_KIND, InboundRecord } from "../../../src/memory/inbound-record.ts";
import { SLOT_BYTES, SlotMemory } from "../../../src/memory/slot-memory.ts";
import { cutJournal } from "../../../src/tools/journal/cut-journal.ts";
import { type CutPlan, followLane, planCut } from "../../../src/tools/journal/cut-plan.ts";
import { cutReportText } from "../../../src/tools/journal/cut-report.ts";
import { findPlace, headerOf, type LanePlace } from "../../../src/tools/journal/journal-place.ts";
import { RunProgress } from "../../../src/tools/journal/run-progress.ts";
import { TextOutput } from "../../../src/tools/journal/text-output.ts";
import { verifyLane } from "../../../src/tools/journal/verify-lane.ts";
import { BUILDS, JournalOnDisk, overwrite, SEGMENT_BYTES } from "../../support/journal-on-disk.ts";
import { type RigClient, SESSION } from "../../support/lane-rig.ts";
import { runTool } from "../../support/run-tool.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

const STAMP = "20261121T150000Z";
const progress = new RunProgress(new TextOutput());

/** Clients that trade with one another and stay where they are, so that what each was told can be counted. */
class Day {
  readonly written = new JournalOnDisk();
  readonly clients: readonly RigClient[];
  private readonly random = new SeededRandom(5);
  private number = 0;

  constructor(t: TestContext) {
    t.after(() => this.written.remove());
    this.clients = ["ANN", "BEN", "CAT"].map((name) => this.written.rig.login(name));
    this.written.rig.run();
  }

  /** Five requests to a batch. Returns how many each client sent. */
  trade(requests: number): Map<string, number> {
    const { random, clients, written } = this;
    const sent = new Map(clients.map(({ name }) => [name, 0]));
    for (let left = requests; left > 0; left--) {
      const client = clients[random.below(clients.length)]!;
      this.number++;
      client.enter({
        userRefNum: this.number,
        side: random.below(2) === 0 ? "B" : "S",
        quantity: 1 + random.below(200),
        price: 1_000_000 + 100 * random.below(3),
      });
      sent.set(client.name, sent.get(client.name)! + 1);
      if (left % 5 === 1) written.rig.run();
    }
    written.rig.run();
    return sent;
  }

  received(): Map<string, number> {
    return new Map(this.clients.map(({ name, delivered }) => [name, delivered.length]));
  }
  get place(): LanePlace {
    const place = findPlace(realFiles, this.written.laneDirectory);
    assert.ok(place.kind === "lane");
    return place.lane;
  }
  get nextRecord(): number {
    return this.written.position.nextRecord;
  }

  async plan(cutAt: number): Promise<CutPlan> {
    const { place } = this;
    const readable = await followLane(place, cutAt, progress);
    assert.ok(readable.cut, "no place for that cut");
    return planCut(place, readable, readable.cut, progress);
  }
  cut({ cut }: CutPlan): string[] {
    this.written.stop();
    return cutJournal(realFiles, this.written.laneDirectory, cut, STAMP);
  }

  /** As a gateway would at its start. */
  recover(): { core: LaneCore; records: number } {
    const outbox = new Outbox({ lane: 0, bytesMax: 2 ** 24 });
    const unsequenced = new Unsequenced();
    const counters = new CounterWriter(createCounters(LANE_COUNTERS));
    const nobody = {
      onAttached() {},
      onDetached() {},
      onClosing() {},
      onWritten() {},
      onHeld() {},
    };
    const core = new LaneCore(outbox, unsequenced, nobody, counters, makeVenue);
    const { laneDirectory } = this.written;
    const what = { files: realFiles, laneDirectory, lane: 0, session: SESSION, build: BUILDS[0] };
    const recovery = recover({ ...what, core, outbox, unsequenced, onProgress() {} });
    assert.equal(recovery.tornBytes, 0);
    this.written.goOnAt(recovery.position);
    return { core, records: recovery.records };
  }
}

const UNKNOWN_KIND = 99;

function slotsOf(kind: number): SlotMemory {
  const slots = new SlotMemory(new ArrayBuffer(SLOT_BYTES));
  new InboundRecord().wrap(slots, 0).start(kind, -1, 0);
  return slots;
}

/** Whoever asks is not refused by what it says it covers. */
function writeCheckpoint({ written }: Day, segment: number, nextRecord: number): void {
  const position = { segment, offset: 8192, nextRecord, previousChecksum: 0 };
  const who = { behaviourVersion: 1, build: BUILDS[0], session: SESSION, lane: 0, incarnation: 1 };
  const facts = { ...who, position, digestHigh: 0, digestLow: 0 };
  new StateFileWriter(realFiles, written.laneDirectory, facts).finish();
}

function damage(file: string, offset: number): void {
  const bytes = readFileSync(file);
  overwrite(file, Buffer.of(bytes[offset]! ^ 0x55), offset);
}

test("a cut says what everybody loses, leaves the rest, and the lane goes on behind it", async (t) => {
  const day = new Day(t);
  day.trade(100);
  const before = { received: day.received(), digest: day.written.rig.digest, next: day.nextRecord };
  const sent = day.trade(60);
  const after = day.received();

  const plan = await day.plan(before.next);
  assert.equal(plan.cut.record, before.next);
  assert.equal(plan.recordsFollowed, 60);
  for (const { account, nextSequence, messagesLost, requestsLost } of plan.accounts) {
    const received = before.received.get(account)!;
    assert.equal(nextSequence, received + 1);
    assert.equal(messagesLost, after.get(account)! - received);
    assert.equal(requestsLost, sent.get(account));
  }
  assert.equal(plan.accounts.length, 3);

  const [kept = ""] = day.cut(plan);
  assert.ok(kept.endsWith(`segment-000001.cut-${STAMP}`));
  const { core, records } = day.recover();
  assert.equal(core.digest.hex(), before.digest);
  assert.equal(records, before.next - 1);
  // What was cut off is still there to be read.
  const copy = findPlace(realFiles, kept);
  assert.ok(copy.kind === "segment");
  assert.equal((await followLane(copy.lane, undefined, progress)).end.record, before.next + 60);
});

test("what is written behind a cut is a journal again", async (t) => {
  const day = new Day(t);
  day.trade(40);
  const cutAt = day.nextRecord;
  day.trade(40);
  day.cut(await day.plan(cutAt));
  const { core } = day.recover();
  day.written.appendRaw(slotsOf(INBOUND_KIND.RECOVERED), core.digest);
  const verdict = await verifyLane(day.place, progress);
  assert.equal(verdict.problem, undefined);
  assert.equal(verdict.records, cutAt);
});

test("records behind damage are found again, and counted for their accounts", async (t) => {
  const day = new Day(t);
  day.trade(1500);
  const { segment } = day.written.position;
  assert.ok(segment >= 2, "a short day");
  const place = await followLane(day.place, 600, progress);
  assert.ok(place.cut);
  const { record, offset } = place.cut;
  damage(day.written.segment(place.cut.segment), offset + BATCH_HEADER_BYTES + 20);

  const found = await followLane(day.place, record, progress);
  assert.equal(found.problem?.code, "JOURNAL_DAMAGED");
  assert.deepEqual(found.end, place.cut);
  assert.equal((await followLane(day.place, record + 9, progress)).cut, undefined);
  const plan = await day.plan(record);
  assert.equal(plan.recordsFollowed, 0);
  // All but the batch that is broken.
  assert.equal(plan.recordsSalvaged, day.nextRecord - record - 5);
  const requests = plan.accounts.reduce((sum, { requestsLost }) => sum + requestsLost, 0);
  assert.equal(requests, plan.recordsSalvaged);
  assert.match(cutReportText(plan, record), /the damage: JOURNAL_DAMAGED: /);

  const kept = day.cut(plan);
  assert.equal(kept.length, segment - place.cut.segment + 1);
  assert.equal(day.recover().records, record - 1);
});

test("a cut within a batch is at its beginning, and says so", async (t) => {
  const day = new Day(t);
  const first = day.nextRecord;
  day.trade(20);
  const plan = await day.plan(first + 7);
  assert.equal(plan.cut.record, first + 5);
  assert.match(cutReportText(plan, first + 7), /record \d+ stands within a batch/);
  day.cut(plan);
  assert.equal(day.recover().records, first + 4);
});

test("a segment that loses its first batch goes as a whole", async (t) => {
  const day = new Day(t);
  while (day.written.position.segment < 2) day.trade(20);
  const { firstRecord } = headerOf(realFiles, day.written.segment(2)) ?? { firstRecord: 0 };
  const plan = await day.plan(firstRecord);
  assert.equal(plan.cut.segment, 2);
  const kept = join(day.written.laneDirectory, `segment-000002.cut-${STAMP}`);
  assert.deepEqual(day.cut(plan), [kept]);
  assert.ok(!existsSync(day.written.segment(2)));
  assert.equal(day.recover().records, firstRecord - 1);
});

test("segments that were only staged go with those before them", async (t) => {
  const day = new Day(t);
  while (day.written.position.segment < 3) day.trade(20);
  const stage = (number: number): string => {
    writeFileSync(day.written.segment(number), Buffer.alloc(SEGMENT_BYTES));
    return day.written.segment(number);
  };
  const staged = [4, 5].map(stage);
  const { firstRecord } = headerOf(realFiles, day.written.segment(2)) ?? { firstRecord: 0 };
  const kept = day.cut(await day.plan(firstRecord + 50));
  assert.deepEqual(
    kept,
    [2, 3].map((number) => join(day.written.laneDirectory, `segment-00000${number}.cut-${STAMP}`)),
  );
  assert.deepEqual(staged.map(existsSync), [false, false]);
  assert.equal(day.recover().records, firstRecord + 49);
});

test("all of a journal can be cut off", async (t) => {
  const day = new Day(t);
  day.trade(20);
  const plan = await day.plan(1);
  assert.deepEqual(
    plan.accounts.map(({ nextSequence }) => nextSequence),
    [1, 1, 1],
  );
  day.cut(plan);
  day.written.sessions.checkLanes(day.written.facts);
  assert.equal(day.recover().records, 0);
});

test("checkpoints that know more than what stays are removed, and the store with the last of them", async (t) => {
  const day = new Day(t);
  day.trade(20);
  const store = join(day.written.laneDirectory, "store.outbox");
  const checkpoint = (segment: number): string =>
    join(day.written.laneDirectory, `checkpoint-00000${segment}.state`);
  const cutAt = day.nextRecord;
  writeCheckpoint(day, 1, cutAt);
  day.trade(20);
  writeCheckpoint(day, 2, cutAt + 1);
  writeFileSync(checkpoint(3), "no checkpoint at all");
  writeFileSync(store, "pages");
  day.cut(await day.plan(cutAt));
  assert.deepEqual([1, 2, 3].map(checkpoint).map(existsSync), [true, false, false]);
  assert.ok(existsSync(store), "the first checkpoint counts on it");
  const { cut } = await day.plan(cutAt - 1);
  cutJournal(realFiles, day.written.laneDirectory, cut, "20261121T150001Z");
  assert.deepEqual([existsSync(checkpoint(1)), existsSync(store)], [false, false]);
});

test("a record that no lane survives is cut off like any other", async (t) => {
  const day = new Day(t);
  day.trade(20);
  const cutAt = day.nextRecord;
  day.written.appendRaw(slotsOf(UNKNOWN_KIND), day.written.rig.lane.core.digest);
  day.trade(10);
  const bad = await verifyLane(day.place, progress);
  assert.match(bad.problem?.reason ?? "", new RegExp(`record ${cutAt} differently: .*it breaks`));
  const plan = await day.plan(cutAt);
  assert.match(plan.answersUntil, /it breaks/);
  assert.equal(
    plan.accounts.reduce((sum, { requestsLost }) => sum + requestsLost, 0),
    10,
  );
  day.cut(plan);
  assert.equal((await verifyLane(day.place, progress)).problem, undefined);
});

test("repair says first what would be lost, and does it when told to", async (t) => {
  const day = new Day(t);
  day.trade(30);
  const cutAt = day.nextRecord;
  day.trade(30);
  const { directory, laneDirectory } = day.written;
  const before = readFileSync(day.written.segment(1));
  const whole = await runTool("journal.ts", ["repair", directory]);
  assert.deepEqual([whole.status, whole.stderr], [0, ""]);
  assert.match(whole.stdout, /the journal is whole: \d+ records/);
  const dry = await runTool("journal.ts", ["repair", directory, "--cut-at", String(cutAt)]);
  assert.equal(dry.status, 0);
  assert.match(
    dry.stdout,
    /ANN +messages from \d+ on \(\d+ of them known\); \d+ of its requests are gone/,
  );
  assert.match(dry.stdout, /Nothing has been changed: --yes does it\.\n$/);
  assert.deepEqual(readFileSync(day.written.segment(1)), before);
  assert.deepEqual(readdirSync(join(directory, SESSION)).sort(), ["lane-0", "session.json"]);

  const held = lockDirectory(directory);
  const args = ["repair", directory, "--cut-at", String(cutAt), "--yes"];
  const refused = await runTool("journal.ts", args);
  held.release();
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /JOURNAL_LOCKED/);
  assert.deepEqual(readFileSync(day.written.segment(1)), before);

  const done = await runTool("journal.ts", args);
  assert.equal(done.status, 0, done.stderr);
  assert.match(done.stdout, new RegExp(`Done: the journal now ends with record ${cutAt - 1}\\.`));
  const names = readdirSync(join(directory, SESSION));
  const report = names.find((name) => /^repair-\d{8}T\d{6}Z\.json$/.test(name)) ?? "";
  const json = JSON.parse(readFileSync(join(directory, SESSION, report), "utf8"));
  assert.equal(json.cutAt, cutAt);
  assert.equal(json.accounts.length, 3);
  assert.ok(readdirSync(laneDirectory).some((name) => name.startsWith("segment-000001.cut-")));
  const again = await runTool("journal.ts", args);
  assert.equal(again.status, 1);
  assert.match(again.stdout, /nothing to cut/);
});

test("repair says where a damaged journal can be followed to, and goes no further", async (t) => {
  const day = new Day(t);
  day.trade(100);
  const { cut } = await followLane(day.place, 50, progress);
  assert.ok(cut);
  damage(day.written.segment(1), cut.offset + BATCH_HEADER_BYTES + 1);
  const told = await runTool("journal.ts", ["repair", day.written.directory]);
  assert.equal(told.status, 1);
  assert.match(told.stdout, new RegExp(`--cut-at ${cut.record} keeps them all`));
  const tooFar = await runTool("journal.ts", ["repair", day.written.directory, "--cut-at", "90"]);
  assert.equal(tooFar.status, 1);
  assert.match(tooFar.stdout, new RegExp(`cut at ${cut.record} or before`));
});

test("nobody repairs what is archived, or one segment", async (t) => {
  const day = new Day(t);
  const segment = await runTool("journal.ts", ["repair", day.written.segment(1)]);
  assert.deepEqual(
    [segment.status, segment.stderr],
    [2, "a lane is repaired, not a segment of it\n"],
  );
  const archived = await runTool("journal.ts", ["repair", day.written.archive()]);
  assert.equal(archived.status, 2);
  assert.match(archived.stderr, /only an open session/);
});

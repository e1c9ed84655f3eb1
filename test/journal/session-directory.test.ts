import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { placeFault } from "../../src/journal/file-faults.ts";
import { SessionDirectory, type SessionFacts } from "../../src/journal/session-directory.ts";
import { nextSessionId } from "../../src/journal/session-id.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

const DATE = "20261120";
const factsOf = (session: string): SessionFacts => ({
  session,
  midnightUtcMs: Date.UTC(2026, 10, 20, 5),
  openedAtMs: Date.UTC(2026, 10, 20, 14, 30),
  lanes: 2,
});
const FIRST = factsOf("20261120A");
const ENDED_AT_MS = FIRST.openedAtMs + 0.25;

const open = (disk: SimulatedDisk): SessionDirectory => new SessionDirectory(disk, "/journal");

const faultOf = (call: () => unknown): unknown => {
  try {
    call();
  } catch (error) {
    return error instanceof FaultError ? error.fault : error;
  }
  return "no fault";
};

test("a session that was made is found, whatever the calendar says", () => {
  const disk = new SimulatedDisk("/journal");
  assert.equal(open(disk).find(), undefined);
  open(disk).make(FIRST);
  disk.crash({ kind: "synced" });
  assert.deepEqual(open(disk).find(), FIRST);
  assert.equal(open(disk).laneDirectory(FIRST, 1), "/journal/20261120A/lane-1");
  assert.deepEqual(disk.list("/journal/20261120A"), [
    "lane-0",
    "lane-1",
    "opening",
    "session.json",
  ]);
  assert.equal(disk.openDescriptors, 0);
});

test("sessions of a date are lettered, archived ones counted", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  assert.equal(directory.nextId(DATE), "20261120A");
  directory.make(FIRST);
  assert.equal(directory.nextId(DATE), "20261120B");
  directory.archive(FIRST, ENDED_AT_MS);
  assert.equal(directory.nextId(DATE), "20261120B");
  assert.deepEqual(directory.usedIds(), ["20261120A"]);
  assert.equal(directory.nextId("20261121"), "20261121A");
});

test("a name of the operator's own is free until a session has had it, and again when an attempt at it died", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  for (const id of ["auto", "archive", "DAY 1", "", "ELEVENCHARS"]) {
    assert.equal(directory.isFree(id), false, id);
  }
  disk.before = ({ path }) => {
    if (path.includes("session.json")) throw new Error("died");
  };
  assert.throws(() => directory.make(factsOf("DAY1")), /died/);
  disk.before = () => {};
  assert.deepEqual(disk.list("/journal"), ["DAY1.writing"]);
  assert.ok(disk.exists("/journal/DAY1.writing/lane-1"));
  assert.equal(directory.find(), undefined);
  assert.equal(directory.isFree("DAY1"), true);
  directory.make(factsOf("DAY1"));
  assert.equal(directory.isFree("DAY1"), false);
  directory.archive(factsOf("DAY1"), ENDED_AT_MS);
  assert.equal(directory.isFree("DAY1"), false);
});

test("behind Z comes AA, and the highest letter counts, not the number of sessions", () => {
  assert.equal(nextSessionId(DATE, []), `${DATE}A`);
  assert.equal(nextSessionId(DATE, [`${DATE}C`, "20261119Z", "mine", `${DATE}ABC`]), `${DATE}D`);
  assert.equal(nextSessionId(DATE, [`${DATE}Z`]), `${DATE}AA`);
  assert.equal(nextSessionId(DATE, [`${DATE}AZ`, `${DATE}Z`]), `${DATE}BA`);
  assert.equal(nextSessionId(DATE, [`${DATE}ZY`]), `${DATE}ZZ`);
  assert.equal(nextSessionId(DATE, [`${DATE}ZZ`]), undefined);
  assert.equal(nextSessionId("20261121", [`${DATE}ZZ`]), "20261121A");
});

test("an archived session keeps its journal and loses what is derived from it", () => {
  const disk = new SimulatedDisk("/journal");
  open(disk).make(FIRST);
  const lane = "/journal/20261120A/lane-0";
  const written = Buffer.alloc(5000);
  written[4500] = 1;
  disk.put(`${lane}/segment-000001.journal`, written);
  disk.put(`${lane}/segment-000002.journal`, Buffer.alloc(5000)); // staged, never written
  disk.put(`${lane}/segment-000003.staging`, Buffer.alloc(100));
  disk.put(`${lane}/checkpoint-000001.state`, Buffer.alloc(100));
  disk.put(`${lane}/checkpoint-000002.state.writing`, Buffer.alloc(100));
  disk.put(`${lane}/store.outbox`, Buffer.alloc(100));
  disk.put(`${lane}/spill.outbox`, Buffer.alloc(100));
  disk.put(`${lane}/notes.txt`, Buffer.from("the operator's"));
  open(disk).archive(FIRST, ENDED_AT_MS);
  assert.equal(open(disk).find(), undefined);
  assert.deepEqual(disk.list("/journal/archive/20261120A/lane-0"), [
    "notes.txt",
    "segment-000001.journal",
  ]);
  assert.deepEqual(disk.list("/journal/archive/20261120A"), [
    "ended.json",
    "lane-0",
    "lane-1",
    "session.json",
  ]);
  assert.equal(disk.openDescriptors, 0);
});

test("what a death within an archiving left behind goes when the next session is made", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  directory.make(FIRST);
  const lane = directory.laneDirectory(FIRST, 0);
  disk.put(`${lane}/segment-000001.journal`, Buffer.from("TAILGATE"));
  disk.put(`${lane}/store.outbox`, Buffer.from("pages"));
  disk.makeDirectory("/journal/archive");
  disk.rename("/journal/20261120A", "/journal/archive/20261120A");
  directory.make(factsOf("20261120B"));
  assert.deepEqual(disk.list("/journal/archive/20261120A/lane-0"), ["segment-000001.journal"]);
});

test("the latest of the archive is the one that was opened last, whatever it is called", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  for (const [opened, session] of ["DAY1", "20261120Z", "20261120AA"].entries()) {
    const facts = { ...factsOf(session), openedAtMs: FIRST.openedAtMs + opened };
    directory.make(facts);
    if (session !== "20261120AA") directory.archive(facts, ENDED_AT_MS);
  }
  const lane = directory.laneDirectory(factsOf("20261120AA"), 0);
  disk.put(`${lane}/segment-000001.journal`, Buffer.from("TAILGATE"));
  disk.put(`${lane}/store.outbox`, Buffer.from("pages"));
  disk.rename("/journal/20261120AA", "/journal/archive/20261120AA");
  disk.put("/journal/archive/20261120B/session.json", Buffer.from("the operator's"));
  directory.make(factsOf("20261120AB"));
  assert.deepEqual(disk.list("/journal/archive/20261120AA/lane-0"), ["segment-000001.journal"]);
  assert.equal(disk.openDescriptors, 0);
});

test("what else stands in the archive is nobody's business", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  directory.make(FIRST);
  const lane = directory.laneDirectory(FIRST, 0);
  disk.put(`${lane}/segment-000001.journal`, Buffer.from("TAILGATE"));
  disk.put(`${lane}/store.outbox`, Buffer.from("pages"));
  disk.put("/journal/20261120A/lane-1.tar.gz", Buffer.from("the operator's"));
  disk.makeDirectory("/journal/archive");
  disk.rename("/journal/20261120A", "/journal/archive/20261120A");
  disk.put("/journal/archive/20261120A.tar.gz", Buffer.from("the operator's"));
  disk.put("/journal/archive/README", Buffer.from("the operator's"));
  disk.makeDirectory("/journal/archive/old");
  directory.make(factsOf("20261120B"));
  assert.deepEqual(disk.list("/journal/archive/20261120A/lane-0"), ["segment-000001.journal"]);
});

test("a journal without its session.json is damage, and no place for another session", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  directory.make(FIRST);
  disk.put(`${directory.laneDirectory(FIRST, 0)}/segment-000001.journal`, Buffer.alloc(100));
  const file = "/journal/20261120A/session.json";
  disk.remove(file);
  const fault = faultOf(() => directory.find()) as { code: string; file: string };
  assert.deepEqual([fault.code, fault.file], ["JOURNAL_DAMAGED", file]);
  assert.equal(directory.nextId(DATE), "20261120B");
});

test("a session's folder that was emptied is damage, whatever is left in it", () => {
  const emptied = new SimulatedDisk("/journal/20261120A");
  const laneLeft = new SimulatedDisk("/journal/20261120A/lane-0");
  const laterLeft = new SimulatedDisk("/journal");
  laterLeft.put("/journal/20261120A/lane-0/segment-000002.journal", Buffer.alloc(100));
  for (const disk of [emptied, laneLeft, laterLeft]) {
    const fault = faultOf(() => open(disk).find()) as { code: string; file: string };
    assert.deepEqual(
      [fault.code, fault.file],
      ["JOURNAL_DAMAGED", "/journal/20261120A/session.json"],
    );
    assert.equal(open(disk).nextId(DATE), "20261120B");
  }
  const otherName = new SimulatedDisk("/journal");
  otherName.put("/journal/DAY9/lane-0/segment-000001.journal", Buffer.alloc(100));
  assert.match(JSON.stringify(faultOf(() => open(otherName).find())), /DAMAGED.*DAY9.session/);
  const own = new SimulatedDisk("/journal/DAY1", "/journal/notes", "/journal/20261120");
  assert.equal(open(own).find(), undefined);
  const named = new SessionDirectory(own, "/journal", "DAY1");
  assert.match(JSON.stringify(faultOf(() => named.find())), /DAMAGED.*DAY1.session\.json/);
});

test("a lane without a segment is new until all have begun, and damage from then on", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  directory.make(FIRST);
  disk.crash({ kind: "synced" });
  directory.checkLanes(FIRST);
  const segment = `${directory.laneDirectory(FIRST, 0)}/segment-000001.journal`;
  const other = `${directory.laneDirectory(FIRST, 1)}/segment-000001.journal`;
  disk.put(segment, Buffer.alloc(100));
  directory.checkLanes(FIRST);
  disk.put(other, Buffer.alloc(100));
  directory.noteBegun(FIRST);
  directory.noteBegun(FIRST);
  directory.checkLanes(FIRST);
  disk.remove(other);
  const fault = faultOf(() => directory.checkLanes(FIRST)) as Record<string, string>;
  assert.deepEqual([fault.code, fault.file], ["JOURNAL_DAMAGED", other]);
  assert.match(fault.reason ?? "", /all segments of lane 1 are missing: take it back .* archive/);
  assert.ok(!disk.list("/journal/20261120A").includes("opening"));
});

test("a session that is put away is not being opened any more", () => {
  const disk = new SimulatedDisk("/journal");
  open(disk).make(FIRST);
  open(disk).archive(FIRST, ENDED_AT_MS);
  assert.ok(!disk.exists("/journal/archive/20261120A/opening"));
});

test("a stranger's copy of a staged segment stays where it is, and ends no roll", () => {
  const disk = new SimulatedDisk("/journal");
  open(disk).make(FIRST);
  const lane = open(disk).laneDirectory(FIRST, 0);
  disk.put(`${lane}/segment-000001.journal`, Buffer.from("TAILGATE"));
  disk.put(`${lane}/segment-000002.journal`, Buffer.alloc(100));
  disk.put(`${lane}/segment-2.journal`, Buffer.alloc(100));
  open(disk).archive(FIRST, ENDED_AT_MS);
  const names = disk.list("/journal/archive/20261120A/lane-0");
  assert.deepEqual(names, ["segment-000001.journal", "segment-2.journal"]);
});

test("when the last session was over is known, whichever of the archive that is", () => {
  const disk = new SimulatedDisk("/journal");
  const directory = open(disk);
  assert.equal(directory.lastEndedAtMs(), Number.NEGATIVE_INFINITY);
  for (const [session, endedAtMs] of [
    ["DAY1", ENDED_AT_MS + 300.5],
    ["DAY2", ENDED_AT_MS + 500.25],
    ["DAY3", ENDED_AT_MS + 400],
  ] as const) {
    const facts = factsOf(session);
    directory.make(facts);
    directory.archive(facts, endedAtMs);
  }
  assert.equal(directory.lastEndedAtMs(), ENDED_AT_MS + 500.25);
  // One of an earlier build, or moved there by hand, was at least opened then.
  const lastMs = ENDED_AT_MS + 600;
  directory.make({ ...factsOf("DAY4"), openedAtMs: lastMs });
  disk.rename("/journal/DAY4", "/journal/archive/DAY4");
  assert.equal(directory.lastEndedAtMs(), lastMs);
  for (const [name, text] of [
    ["DAY2", "{"],
    ["DAY4", '{"endedAtMs":"900"}'],
    ["notes", '{"endedAtMs":null}'],
    ["endless", '{"endedAtMs":1e999}'],
    ["nanoseconds", `{"endedAtMs":${ENDED_AT_MS * 1e6}}`],
    ["behind the last order reference", `{"endedAtMs":${Date.UTC(2090, 0, 1)}}`],
  ]) {
    disk.put(`/journal/archive/${name}/ended.json`, Buffer.from(text!));
  }
  assert.equal(directory.lastEndedAtMs(), lastMs);
  disk.fail("openToRead", "EACCES", 0, Number.POSITIVE_INFINITY);
  assert.equal(directory.lastEndedAtMs(), Number.NEGATIVE_INFINITY);
  assert.equal(disk.openDescriptors, 0);
});

test("two sessions, or a session.json that says nothing, are faults that name them", () => {
  const disk = new SimulatedDisk("/journal");
  open(disk).make(FIRST);
  const file = "/journal/20261120A/session.json";
  const good = disk.bytesOf(file);
  const nanoseconds = good.toString().replace(/("openedAtMs":\d+)/, "$1000000");
  for (const text of [
    "",
    "{",
    "[]",
    '{"formatVersion":1}',
    good.toString().replace("0A", "0B"),
    nanoseconds,
  ]) {
    disk.put(file, Buffer.from(text));
    const fault = faultOf(() => open(disk).find()) as { code: string; file: string };
    assert.deepEqual([fault.code, fault.file], ["JOURNAL_DAMAGED", file], text);
  }
  disk.put(file, Buffer.from(good.toString().replace('Version":1', 'Version":2')));
  assert.deepEqual(
    faultOf(() => open(disk).find()),
    { code: "JOURNAL_VERSION", file, found: 2, known: 1 },
  );
  disk.put(file, good);
  open(disk).make(factsOf("20261120B"));
  assert.match(JSON.stringify(faultOf(() => open(disk).find())), /MISMATCH.*20261120A, 20261120B/);
});

test("a directory that cannot be written is the operator's to mend, a failing disk is not", () => {
  for (const [errno, code] of [
    ["EACCES", "JOURNAL_UNWRITABLE"],
    ["EROFS", "JOURNAL_UNWRITABLE"],
    ["ENOSPC", "JOURNAL_FULL"],
    ["EIO", "JOURNAL_IO"],
  ] as const) {
    const disk = new SimulatedDisk("/journal");
    disk.fail("makeDirectory", errno);
    assert.equal(placeFault("/journal/lock", errno).code, code, "before a session is looked for");
    const fault = faultOf(() => open(disk).make(FIRST)) as Record<string, string>;
    const where = code === "JOURNAL_FULL" ? fault.directory : fault.path;
    const expected = code === "JOURNAL_FULL" ? "/journal" : "/journal/20261120A.writing";
    assert.deepEqual([fault.code, where], [code, expected]);
  }
});

test("an archive on another disk is the operator's to mend", () => {
  const disk = new SimulatedDisk("/journal");
  open(disk).make(FIRST);
  disk.fail("rename", "EXDEV");
  const fault = faultOf(() => open(disk).archive(FIRST, ENDED_AT_MS)) as Record<string, string>;
  assert.deepEqual(
    [fault.code, fault.path, fault.errno],
    ["JOURNAL_UNWRITABLE", "/journal/archive", "EXDEV"],
  );
  assert.match(fault.reason ?? "", /another file system/);
  assert.deepEqual(open(disk).find(), FIRST);
});

const seed = fuzzSeed();
test(`a crash at any call of opening or archiving leaves one session or none (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (const kind of ["synced", "some", "everything"] as const) {
    for (let survives = 0; ; survives++) {
      const disk = new SimulatedDisk("/journal");
      let calls = 0;
      disk.before = () => {
        if (calls++ === survives) throw new Error("died");
      };
      let done = "nothing";
      try {
        open(disk).make(FIRST);
        done = "made";
        open(disk).archive(FIRST, ENDED_AT_MS);
        done = "archived";
      } catch {
        // it died there
      }
      disk.before = () => {};
      disk.crash(kind === "some" ? { kind, random } : { kind });
      const where = `${kind}, call ${survives}, ${done}`;
      const found = open(disk).find();
      if (found !== undefined) assert.deepEqual(found, FIRST, where);
      const isArchived = disk.exists("/journal/archive/20261120A/session.json");
      if (done === "archived") assert.ok(isArchived && found === undefined, where);
      const lastMs = isArchived ? ENDED_AT_MS : Number.NEGATIVE_INFINITY;
      assert.equal(open(disk).lastEndedAtMs(), lastMs, where);
      if (done === "made") assert.ok(isArchived !== (found !== undefined), where);
      if (found === undefined && !isArchived) open(disk).make(FIRST);
      else if (found !== undefined) open(disk).archive(found, ENDED_AT_MS);
      assert.equal(open(disk).nextId(DATE), "20261120B", where);
      if (done === "archived") break;
    }
  }
});

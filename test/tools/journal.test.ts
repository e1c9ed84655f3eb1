import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { realFiles } from "../../src/journal/files.ts";
import { StateFileWriter } from "../../src/journal/state-file.ts";
import { JournalOnDisk, overwrite, smallDay } from "../support/journal-on-disk.ts";
import { LaneFlow } from "../support/lane-flow.ts";
import type { RigClient } from "../support/lane-rig.ts";
import { runTool, Tool } from "../support/run-tool.ts";
import { SeededRandom } from "../support/seeded-random.ts";

type Line = Record<string, unknown>;

const linesOf = (text: string): string[] => text.split("\n").filter((line) => line !== "");
const jsonOf = (text: string): Line[] => linesOf(text).map((line) => JSON.parse(line) as Line);

async function list(...args: string[]): Promise<{ records: Line[]; totals: Line }> {
  const { status, stdout, stderr } = await runTool("journal.ts", [...args, "--json"]);
  assert.equal(status, 0, stderr);
  const lines = jsonOf(stdout);
  const { totals } = lines.pop() as { totals: Line };
  return { records: lines, totals };
}

function journal(t: TestContext): JournalOnDisk {
  const written = new JournalOnDisk();
  t.after(() => written.remove());
  return written;
}

/** Several segments of everything that can happen, with a restart between. */
function longDay(written: JournalOnDisk, steps: number): RigClient[] {
  const flow = new LaneFlow(written.rig, new SeededRandom(11), 3);
  for (let step = 0; step < steps; step++) {
    flow.step();
    if (step % 7 === 0) written.rig.run();
    if (step === steps >> 1) written.restart();
  }
  written.rig.run();
  return written.rig.clients;
}

test("each record is a line: number, time, kind, account and every field with its meaning", async (t) => {
  const written = journal(t);
  smallDay(written);
  const { status, stdout } = await runTool("journal.ts", [written.laneDirectory]);
  assert.equal(status, 0);
  const lines = linesOf(stdout);
  assert.match(
    lines[2] ?? "",
    /^ +3 {2}09:30:00\.000000000 {2}ATTACH +ALICE +0\/1 +session=\(any\)/,
  );
  assert.match(lines[3] ?? "", /ATTACH +BOB +1\/2 +session=20261121A requested=1 firms=LIME/);
  assert.match(lines[4] ?? "", /O +ALICE .*Enter Order userRefNum=1 side=B \(buy\) quantity=100/);
  assert.match(lines[5] ?? "", /^ +6 {2}09:31:00\.000000000 {2}O +BOB .*side=S \(sell\)/);
  assert.match(lines[8] ?? "", /DETACH +ALICE +0\/1 +reason=logout/);
  assert.match(stdout, /records {3}9\n/);
  assert.match(stdout, /kinds {5}MESSAGE 4, ATTACH 2, DETACH 1, CONFIG 2\n/);
  assert.match(stdout, /messages {2}O 2, U 1, X 1\n/);
  assert.match(stdout, /time {6}09:30:00\.000000000 to 09:31:00\.000000000\n/);
  assert.match(stdout, /build {5}aaaaaaaaaaaaaaaa wrote segments 1 to 1\n/);
});

test("--answers shows what each record was answered, and with an account that client's stream", async (t) => {
  const written = journal(t);
  const { alice, bob } = smallDay(written);
  const { records } = await list(written.directory, "--answers", "--record", "6");
  const answers = records[0]?.answers as Line[];
  assert.deepEqual(
    answers.map(({ account, sequence, type }) => [account, sequence, type]),
    [
      ["BOB", 2, "A"],
      ["ALICE", 3, "E"],
      ["BOB", 3, "E"],
    ],
  );
  for (const client of [alice, bob]) {
    const args = [written.directory, "--answers", "--account", client.name];
    const { status, stdout, stderr } = await runTool("journal.ts", [...args, "--json"]);
    assert.equal(status, 0);
    const expected = client.delivered.map(({ fields }, index) => ({
      sequence: index + 1,
      ...fields,
    }));
    assert.deepEqual(jsonOf(stdout), expected);
    assert.match(
      stderr,
      new RegExp(`${client.name}: the next message is ${expected.length + 1}\n`),
    );
  }
  const raw = ["--answers", "--account", "BOB", "--raw", "--sequence", "2..2"];
  const { stdout } = await runTool("journal.ts", [written.directory, ...raw]);
  assert.match(stdout, /^ {5}2 {2}41[0-9a-f]+\n$/);
  const some = [
    "--answers",
    "--account",
    "alice",
    "--type",
    "E,U",
    "--user-ref-num",
    "1",
    "--json",
  ];
  const chosen = await runTool("journal.ts", [written.directory, ...some]);
  // The execution of order 1, and its replacement.
  assert.deepEqual(
    jsonOf(chosen.stdout).map(({ sequence, type }) => [sequence, type]),
    [
      [3, "E"],
      [4, "U"],
    ],
  );
});

test("a name that nobody has finds nothing, and is told", async (t) => {
  const written = journal(t);
  smallDay(written);
  const args = [written.directory, "--account", "ALCIE", "--answers"];
  const { status, stdout, stderr } = await runTool("journal.ts", args);
  assert.deepEqual([status, stdout, stderr], [0, "", "no login of ALCIE was read\n"]);
});

test("an archived session of several segments and builds gives each client all it ever got", async (t) => {
  const written = journal(t);
  const clients = longDay(written, 3000);
  const archived = written.archive();
  const name = "U1";
  const delivered = clients
    .filter((client) => client.name === name)
    .flatMap((client) => client.delivered.map(({ fields }) => fields));
  const args = [archived, "--answers", "--account", name, "--json"];
  const { stdout } = await runTool("journal.ts", args);
  const stream = jsonOf(stdout);
  stream.forEach(({ sequence }, index) => {
    assert.equal(sequence, index + 1);
  });
  // A login from message 1 on had delivered them again: the last ones are compared.
  const last = stream.slice(-50).map(({ sequence, ...fields }) => fields);
  assert.deepEqual(delivered.slice(-50), last);

  const verified = await runTool("journal.ts", [archived, "--verify"]);
  assert.equal(verified.status, 0, verified.stdout);
  assert.match(verified.stdout, new RegExp(`^OK .* answers ${written.rig.digest}\n$`));
  const overview = await runTool("journal.ts", [written.directory, "--json"]);
  const [lane] = jsonOf(overview.stdout);
  const { totals } = await list(archived, "--totals");
  assert.equal(lane?.state, "archived");
  assert.equal(lane?.records, totals.records);
  assert.deepEqual(lane?.builds, ["aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"]);
  assert.equal((totals.incarnations as unknown[]).length, 2);
});

test("--verify names the first bad file and place, and ends with 1", async (t) => {
  const written = journal(t);
  longDay(written, 3000);
  const file = written.segment(1);
  const bytes = readFileSync(file);
  // Somewhere in the middle of the first segment: within some batch.
  overwrite(file, Buffer.of(bytes[30_000]! ^ 1), 30_000);
  const { status, stdout } = await runTool("journal.ts", [written.directory, "--verify", "--json"]);
  assert.equal(status, 1);
  const [verdict] = jsonOf(stdout);
  const problem = verdict?.problem as { file: string; offset: number };
  assert.equal(verdict?.ok, false);
  assert.equal(problem.file, file);
  assert.ok(problem.offset <= 30_000 && problem.offset > 25_000, `${problem.offset}`);
  const listed = await runTool("journal.ts", [written.directory, "--type", "ROLL"]);
  assert.equal(listed.status, 1);
  assert.match(
    listed.stderr,
    new RegExp(`^JOURNAL_DAMAGED: .*segment-000001.journal at ${problem.offset}`),
  );
});

test("an archived session that does not come to its end is not whole", async (t) => {
  const written = journal(t);
  smallDay(written);
  const archived = written.archive();
  const file = join(archived, "lane-0", "segment-000001.journal");
  const { totals } = await list(archived, "--totals");
  const bytes = Number(totals.bytes);
  // The last batch is ROLL END alone.
  truncateSync(file, 4096 + bytes - 80);
  const { status, stdout } = await runTool("journal.ts", [archived, "--verify"]);
  assert.equal(status, 1);
  assert.match(stdout, /^BAD .*does not come to the session's end/);
});

test("segments that a checkpoint stands for are missed", async (t) => {
  const written = journal(t);
  smallDay(written);
  const checkpoint = (segment: number): void => {
    const position = { segment, offset: 4096, nextRecord: 1, previousChecksum: 0 };
    const who = { session: written.facts.session, lane: 0, build: "x", behaviourVersion: 1 };
    const facts = { ...who, incarnation: 1, position, digestHigh: 0, digestLow: 0 };
    new StateFileWriter(realFiles, written.laneDirectory, facts).finish();
  };
  checkpoint(1);
  assert.equal((await runTool("journal.ts", [written.directory, "--verify"])).status, 0);
  checkpoint(3);
  const { status, stdout } = await runTool("journal.ts", [written.directory, "--verify"]);
  assert.equal(status, 1);
  assert.match(stdout, /^BAD .*segment-000002\S* at 0: the segment is missing, and .*3\S* stands/);
});

test("a lane without any segment is not whole, unless its session is being opened", async (t) => {
  const written = journal(t);
  smallDay(written);
  const first = written.segment(1);
  const aside = `${first}.aside`;
  renameSync(first, aside);
  const { status, stdout } = await runTool("journal.ts", [written.directory, "--verify"]);
  assert.equal(status, 1);
  assert.match(stdout, /^BAD .*segment-000001\S* at 0: all segments of lane 0 are missing/);
  writeFileSync(join(written.laneDirectory, "..", "opening"), "");
  const opening = await runTool("journal.ts", [written.directory, "--verify"]);
  renameSync(aside, first); // the writer has it open until the end
  assert.deepEqual([opening.status, /^OK .*lane 0: 0 records/.test(opening.stdout)], [0, true]);
});

test("a session whose session.json is gone or says nothing is not whole: nobody knows its lanes", async (t) => {
  const written = journal(t);
  smallDay(written);
  const archived = written.archive();
  const file = join(archived, "session.json");
  truncateSync(file, 20);
  const cut = await runTool("journal.ts", [archived, "--verify"]);
  assert.equal(cut.status, 1);
  assert.match(cut.stdout, /^BAD .*session\.json at 0: it does not say which session this is/);
  rmSync(file);
  const gone = await runTool("journal.ts", [written.directory, "--verify"]);
  assert.equal(gone.status, 1);
  assert.match(gone.stdout, /^BAD .*session\.json at 0: the file is missing/);
});

test("a lane whose folder is gone is missed, in the open session and in a session alone", async (t) => {
  const written = journal(t);
  smallDay(written);
  const folder = join(written.laneDirectory, "..");
  const aside = `${written.laneDirectory}.aside`;
  renameSync(written.laneDirectory, aside);
  const answers: object[] = [];
  for (const path of [written.directory, folder]) {
    const { status, stdout } = await runTool("journal.ts", [path, "--verify"]);
    answers.push({ status, isMissed: /^BAD .*lane-0 at 0: the folder of lane 0 is/.test(stdout) });
  }
  renameSync(aside, written.laneDirectory);
  const missed = { status: 1, isMissed: true };
  assert.deepEqual(answers, [missed, missed]);
});

test("a torn end of an open session is told, and no error", async (t) => {
  const written = journal(t);
  smallDay(written);
  const { offset } = written.position;
  overwrite(written.segment(1), Buffer.from("BTCH torn"), offset);
  for (const option of ["--verify", "--totals"]) {
    const { status, stdout, stderr } = await runTool("journal.ts", [written.directory, option]);
    assert.equal(status, 0);
    assert.match(stdout + stderr, new RegExp(`at ${offset}: 9 bytes of a last batch`));
  }
});

test("a single segment knows its accounts from the ones before it, or says that it does not", async (t) => {
  const written = journal(t);
  longDay(written, 3000);
  const beside = await runTool("journal.ts", [written.segment(2), "--type", "O", "--json"]);
  const [first] = jsonOf(beside.stdout);
  assert.match(String(first?.account), /^U\d$/);
  const elsewhere = join(written.directory, "copy");
  mkdirSync(elsewhere);
  const copy = join(elsewhere, "segment-000002.cut-20261121");
  copyFileSync(written.segment(2), copy);
  const alone = await runTool("journal.ts", [copy, "--type", "O"]);
  assert.equal(alone.status, 0);
  assert.match(alone.stderr, /the segments before are not at hand/);
  assert.match(alone.stdout, / O +\? +/);
  const answers = await runTool("journal.ts", [copy, "--answers"]);
  assert.equal(answers.status, 2);
  assert.match(answers.stderr, /give the lane's whole directory/);
});

test("--follow goes on with what is written, until Ctrl-C, and changes nothing", async (t) => {
  const written = journal(t);
  const { bob } = smallDay(written);
  const follower = new Tool(t, "journal.ts", [written.directory, "--follow", "--json"]);
  await follower.untilWritten('"reason":"logout"');
  bob.enter({ userRefNum: 77, quantity: 5 });
  written.rig.run();
  await follower.untilWritten('"userRefNum":77');
  const before = readFileSync(written.segment(1));
  follower.child.kill("SIGINT");
  const { status, stdout } = await follower.ended();
  assert.equal(status, 0);
  const { totals } = jsonOf(stdout).at(-1) as { totals: Line };
  assert.equal(totals.records, 10);
  assert.deepEqual(readFileSync(written.segment(1)), before);
});

test("--follow ends when the session has been put away", async (t) => {
  const written = journal(t);
  smallDay(written);
  const follower = new Tool(t, "journal.ts", [written.directory, "--follow"]);
  await follower.untilWritten("reason=logout");
  written.archive();
  const { status, stdout } = await follower.ended();
  assert.equal(status, 0);
  assert.match(stdout, /ROLL .*step=end/);
});

test("a reader that has seen enough ends the output quietly", async (t) => {
  const written = journal(t);
  longDay(written, 2000);
  const tool = new Tool(t, "journal.ts", [written.laneDirectory]);
  await tool.untilWritten("ATTACH");
  tool.child.stdout?.destroy();
  const { status, stderr } = await tool.ended();
  assert.equal(status, 0);
  // A machine that is busy may make it long enough to tell how far it is.
  assert.doesNotMatch(stderr, /EPIPE|rror/);
});

test("what is no journal, and what cannot be asked for, ends with 2", async (t) => {
  const written = journal(t);
  for (const args of [
    [join(written.directory, "nowhere")],
    [join(written.directory, SESSION_FILE)],
    [written.directory, "--lane", "3"],
    [written.directory, "--record", "x"],
  ]) {
    const { status, stderr } = await runTool("journal.ts", args);
    assert.equal(status, 2, args.join(" "));
    assert.notEqual(stderr, "");
  }
});

const SESSION_FILE = "20261121A/session.json";

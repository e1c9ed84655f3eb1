import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Worker } from "node:worker_threads";
import type { ControlAnswer } from "../../src/gate/control-server.ts";
import type { Log } from "../../src/gate/gate-config.ts";
import { Profiler } from "../../src/gate/profiler.ts";
import { testDirectory } from "../support/gateway.ts";

/** What is told, and by whom. */
function logTo(lines: object[]): Log {
  const note = (event: string, facts: object = {}): void => void lines.push({ event, ...facts });
  return { info: note, warn: note, error: note };
}

const wallClock = { epochMs: () => Date.UTC(2026, 10, 20, 14, 30) };

async function profilerOf(
  t: TestContext,
  directory: string,
  lines: object[] = [],
): Promise<Profiler> {
  // It spends its time in a function that a profile must show.
  const code = `
    const { parentPort } = require("node:worker_threads");
    function isWorkingHard() { for (const end = performance.now() + 5; performance.now() < end; ); }
    setInterval(isWorkingHard, 6);
    parentPort.postMessage("up");`;
  const worker = new Worker(code, { eval: true });
  t.after(() => worker.terminate());
  await once(worker, "message");
  const workers = () => new Map([["lane 0", worker]]);
  return new Profiler({ workers, directory, wallClock, filesMax: 3, log: logTo(lines) });
}

const errorOf = (answer: ControlAnswer): string => (answer.ok ? "" : answer.error.code);
const fileOf = (answer: ControlAnswer): string => {
  assert.ok(answer.ok, JSON.stringify(answer));
  return (answer.result as { file: string }).file;
};

test("a worker and the main thread leave a profile of what they did", async (t) => {
  const directory = join(testDirectory(), "telemetry");
  const profiler = await profilerOf(t, directory);
  // On a busy machine a thread may have no core in so short a time: then once more.
  for (let names: readonly string[] = []; !names.includes("isWorkingHard"); ) {
    const file = fileOf(await profiler.command({ thread: "lane 0", seconds: 0.1 }));
    assert.equal(file, join(directory, "profile-lane-0-20261120T143000Z.cpuprofile"));
    const { nodes, samples } = JSON.parse(readFileSync(file, "utf8"));
    assert.ok(samples.length > 0);
    names = nodes.map((node: { callFrame: { functionName: string } }) => {
      return node.callFrame.functionName;
    });
  }

  const own = fileOf(await profiler.command({ thread: "gate", seconds: 0.05 }));
  assert.ok(JSON.parse(readFileSync(own, "utf8")).nodes.length > 0);
});

test("the newest profiles stay, of all threads together, and the one just written among them", async (t) => {
  const directory = join(testDirectory(), "telemetry");
  mkdirSync(directory);
  const before = [
    "profile-gate-20261120T120000Z.cpuprofile",
    "profile-lane-0-20261120T110000Z.cpuprofile",
    "profile-lane-1-20261120T130000Z.cpuprofile",
    // The clock was set back since.
    "profile-gate-20261121T000000Z.cpuprofile",
  ];
  const others = ["profile-mine.cpuprofile", "orders-20261120T110000Z.log"];
  for (const name of [...before, ...others]) writeFileSync(join(directory, name), "");
  const lines: object[] = [];
  const profiler = await profilerOf(t, directory, lines);
  const answer = await profiler.command({ thread: "lane 0", seconds: 0.02 });
  const written = "profile-lane-0-20261120T143000Z.cpuprofile";
  const file = fileOf(answer);
  assert.equal(file, join(directory, written));
  const stay = [...before.slice(2), ...others, written];
  assert.deepEqual(readdirSync(directory).toSorted(), stay.toSorted());
  const removed = [before[1], before[0]];
  assert.deepEqual(lines, [{ event: "profile-written", file, removed: removed.join(", ") }]);
  assert.ok(answer.ok);
  assert.deepEqual((answer.result as { removed: string[] }).removed, removed);
});

test("a profile for which the disk has no room leaves nothing behind", async (t) => {
  const directory = testDirectory();
  symlinkSync("/dev/full", join(directory, "profile-lane-0-20261120T143000Z.cpuprofile"));
  const profiler = await profilerOf(t, directory);
  const answer = await profiler.command({ thread: "lane 0", seconds: 0.02 });
  assert.equal(errorOf(answer), "PROFILE_FAILED");
  assert.deepEqual(readdirSync(directory), []);
});

test("one thread at a time, and only threads and times that there are", async (t) => {
  const profiler = await profilerOf(t, testDirectory());
  const unknown = await profiler.command({ thread: "lane 7" });
  assert.equal(errorOf(unknown), "UNKNOWN_THREAD");
  assert.match(JSON.stringify(unknown), /no thread is called lane7; there is gate, lane0\b/);
  for (const seconds of [0, -1, 61, "10", Number.NaN]) {
    assert.equal(errorOf(await profiler.command({ seconds })), "BAD_SECONDS");
  }
  const first = profiler.command({ thread: "lane 0", seconds: 0.05 });
  assert.equal(
    errorOf(await profiler.command({ thread: "lane 0", seconds: 1 })),
    "PROFILE_IN_PROGRESS",
  );
  fileOf(await first);
  fileOf(await profiler.command({ thread: "lane0", seconds: 0.05 }));
});

test("a profile that finds no place is an error, and the next one is taken all the same", async (t) => {
  const profiler = await profilerOf(t, "/proc/nowhere");
  for (let tries = 0; tries < 2; tries++) {
    const answer = await profiler.command({ thread: "lane 0", seconds: 0.02 });
    assert.equal(errorOf(answer), "PROFILE_FAILED");
  }
});

import assert from "node:assert/strict";
import { readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { noteRun } from "../../src/main/last-run.ts";
import { testDirectory } from "../support/gateway.ts";

const AT = Date.UTC(2026, 10, 20, 14, 30);

test("a run that ended by itself is told with its status, one that did not as killed", () => {
  const directory = testDirectory();
  let end: (status: number) => void = () => undefined;
  const start = (startedMs: number) =>
    noteRun(directory, startedMs, (note) => {
      end = note;
    });
  assert.equal(start(AT), undefined);
  end(0);
  const drained = start(AT + 1000);
  assert.equal(drained?.how, "drained");
  assert.equal(drained.startedAt, "2026-11-20T14:30:00.000Z");
  assert.equal(drained.status, 0);
  assert.ok(drained.endedAt !== undefined);
  assert.equal(start(AT + 2000)?.how, "killed, or the machine went down");
  end(32);
  assert.equal(start(AT + 3000)?.how, "ended with status 32");
});

test("the end takes no more room than the beginning did: the disk may be full by then", () => {
  const directory = testDirectory();
  const file = join(directory, "last-run.json");
  let end: (status: number) => void = () => undefined;
  noteRun(directory, AT, (note) => {
    end = note;
  });
  const begun = statSync(file);
  end(33);
  const ended = statSync(file);
  assert.deepEqual([ended.ino, ended.size], [begun.ino, begun.size]);
  assert.equal(noteRun(directory, AT, () => undefined)?.how, "ended with status 33");
});

test("a file that says nothing of a run is none, and a directory that cannot be written stops nothing", () => {
  const directory = testDirectory();
  for (const text of ["", "[]", '{"pid":"one"}', '{"pid":1,"star']) {
    writeFileSync(join(directory, "last-run.json"), text);
    assert.equal(
      noteRun(directory, AT, () => undefined),
      undefined,
    );
  }
  assert.equal(
    noteRun("/proc/nowhere", AT, (note) => note(0)),
    undefined,
  );
});

test("a note that cannot be written leaves no descriptor open", () => {
  const directory = testDirectory();
  symlinkSync("/proc/self/oom_score_adj", join(directory, "last-run.json")); // takes numbers alone
  const open = readdirSync("/proc/self/fd").length;
  noteRun(directory, AT, (note) => note(0));
  assert.equal(readdirSync("/proc/self/fd").length, open);
});

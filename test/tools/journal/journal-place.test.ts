import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FaultError } from "../../../src/base/fault.ts";
import { type Files, realFiles } from "../../../src/journal/files.ts";
import { findPlace } from "../../../src/tools/journal/journal-place.ts";
import { testDirectory } from "../../support/gateway.ts";

/** Root may read everything, and tests may run as root. */
const closing = (closed: string): Files => ({
  ...realFiles,
  list(directory) {
    if (directory !== closed) return realFiles.list(directory);
    throw Object.assign(new Error("permission denied"), { code: "EACCES" });
  },
});

function makeJournal(): string {
  const journal = testDirectory();
  const session = join(journal, "20261120A");
  mkdirSync(join(session, "lane-0"), { recursive: true });
  writeFileSync(join(session, "session.json"), "");
  mkdirSync(join(journal, "archive"));
  return journal;
}

test("a folder that may not be read is named in a fault", () => {
  const journal = makeJournal();
  for (const name of ["", "archive", "20261120A", "20261120A/lane-0"]) {
    const closed = join(journal, name);
    assert.throws(
      () => findPlace(closing(closed), journal),
      (error) => {
        assert.ok(error instanceof FaultError);
        assert.deepEqual(error.fault, {
          code: "JOURNAL_UNWRITABLE",
          path: closed,
          errno: "EACCES",
        });
        return true;
      },
    );
  }
});

test("what a disk has of its own, and a link to nowhere, are no sessions", () => {
  const journal = makeJournal();
  const closed = join(journal, "lost+found");
  mkdirSync(closed);
  symlinkSync("nowhere", join(journal, "latest"));
  const place = findPlace(closing(closed), journal);
  assert.ok(place.kind === "journal");
  assert.deepEqual(
    place.sessions.map(({ name }) => name),
    ["20261120A"],
  );
});

test("empty folders beyond the lanes that a session has are the rest of an attempt", () => {
  const journal = testDirectory();
  const session = join(journal, "20261120A");
  for (const lane of [0, 1, 3]) mkdirSync(join(session, `lane-${lane}`), { recursive: true });
  writeFileSync(join(session, "lane-3", "something"), "");
  const openedAtMs = Date.UTC(2026, 10, 20, 5);
  const facts = { formatVersion: 1, session: "20261120A", midnightUtcMs: openedAtMs, openedAtMs };
  const lanesFor = (lanes?: number): object => {
    writeFileSync(join(session, "session.json"), JSON.stringify({ ...facts, lanes }));
    const place = findPlace(realFiles, session);
    assert.ok(place.kind === "session");
    const numbers = ({ lanes, lostLanes }: typeof place.session): number[][] =>
      [lanes, lostLanes].map((list) => list.map(({ lane }) => lane));
    return numbers(place.session);
  };
  assert.deepEqual(lanesFor(1), [[0, 3], []]);
  assert.deepEqual(lanesFor(3), [[0, 1, 3], [2]]);
  // It does not say how many.
  assert.deepEqual(lanesFor(), [[0, 1, 3], []]);
});

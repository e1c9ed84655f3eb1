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

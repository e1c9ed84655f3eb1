import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { readCommandLine } from "../../src/config/command-line.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { openPlaces } from "../../src/main/places.ts";
import type { SessionPlaces } from "../../src/main/session-place.ts";
import { testDirectory } from "../support/gateway.ts";

const SET_MS = Date.UTC(2026, 10, 20, 17); // noon in New York

function placesIn(directory: string, durability: string): SessionPlaces {
  const keys = [`journal.dir=${JSON.stringify(directory)}`, `journal.durability="${durability}"`];
  const { config } = readConfig(readCommandLine(keys.flatMap((key) => ["--set", key])));
  const quiet = (): void => undefined;
  return openPlaces(config, { info: quiet, warn: quiet, error: quiet });
}

for (const durability of ["process-crash", "none"]) {
  test(`no session is opened on a clock that nobody has set, and none is left behind (${durability})`, () => {
    const directory = testDirectory();
    const places = placesIn(directory, durability);
    for (const now of [
      "1970-01-01T00:00:07.000Z",
      "2019-12-31T23:59:59.000Z",
      "2106-02-07T06:28:15.000Z",
    ]) {
      assert.throws(
        () => places.make(Date.parse(now)),
        (error) => {
          assert.ok(error instanceof FaultError);
          assert.deepEqual(error.fault, { code: "CLOCK_UNSET", now });
          return true;
        },
      );
    }
    assert.deepEqual(
      readdirSync(directory).filter((name) => !name.startsWith("lock")),
      [],
    );
    assert.equal(places.find(), undefined);
    assert.equal(places.make(SET_MS).session, "20261120A");
  });
}

test("when the last session was over is kept with the journal, and without one nothing is", () => {
  for (const [durability, lastMs] of [
    ["process-crash", SET_MS + 0.5],
    ["none", Number.NEGATIVE_INFINITY],
  ] as const) {
    const places = placesIn(testDirectory(), durability);
    const place = places.make(SET_MS);
    places.noteBegun(place);
    places.archive(place, SET_MS + 0.5);
    assert.equal(places.lastEndedAtMs(), lastMs);
  }
});

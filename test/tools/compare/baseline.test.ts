import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Baseline, BaselineError, readBaseline } from "../../../src/tools/compare/baseline.ts";
import { testDirectory } from "../../support/gateway.ts";

const RUNS = [[1, 2], [3]];

const WHOLE = {
  tailgateBaseline: 1,
  savedAt: "2026-11-22T00:00:00.000Z",
  profile: "load --password HUSH --rate 5",
  length: { seconds: 3, warmupSeconds: 1 },
  target: { kind: "command", text: "x", settings: [], commit: null, startScript: null },
  environment: { cpu: "AMD", cores: 2 },
  processes: { p50: RUNS, p90: RUNS, p99: RUNS, p999: RUNS, p9999: RUNS, max: RUNS },
  noise: { p50: 0.1, p99: null },
  histogram: null,
};

test("a damaged baseline is refused before anything is measured, and never tells of a regression", (t) => {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "baseline.json");
  const read = (changes: object): Baseline => {
    writeFileSync(file, JSON.stringify({ ...WHOLE, ...changes }));
    return readBaseline(file);
  };
  assert.equal(read({}).profile, "load --password *** --rate 5");
  assert.equal(read({ rejectShare: 0.1 }).rejectShare, 0.1);
  for (const changes of [
    { noise: { p50: "much" } },
    { noise: { p50: -0.1 } },
    { rejectShare: "x" },
    { target: { ...WHOLE.target, settings: undefined } },
    { target: { ...WHOLE.target, settings: [7] } },
    { target: { ...WHOLE.target, commit: 7 } },
    { target: { ...WHOLE.target, startScript: {} } },
    { histogram: 7 },
    { processes: { ...WHOLE.processes, p50: [[-1]] } },
    { processes: { ...WHOLE.processes, p50: [[1], []] } },
    { processes: { ...WHOLE.processes, p50: [[1], 2] } },
  ]) {
    const isTold = (error: unknown): boolean =>
      error instanceof BaselineError && /is damaged: .* Save it anew/.test(error.message);
    assert.throws(() => read(changes), isTold, JSON.stringify(changes));
  }
});

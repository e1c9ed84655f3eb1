import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MICRO_FILES } from "../../../native-free-bench/micro/run-micro.ts";

const MICRO = join(import.meta.dirname, "../../../native-free-bench/micro");

test("every micro bench that can be run is run by npm run bench", () => {
  const runnable = readdirSync(MICRO, { recursive: true, encoding: "utf8" }).filter(
    (name) =>
      name.endsWith(".ts") &&
      readFileSync(join(MICRO, name), "utf8").includes("if (import.meta.main)"),
  );
  assert.deepEqual(runnable.toSorted(), MICRO_FILES.toSorted());
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { residentBytes } from "../../../native-free-bench/harness/resident.ts";

test("a process holds memory, and one that is not there holds none to be told", () => {
  assert.ok(residentBytes(process.pid) > 2 ** 20);
  assert.throws(() => residentBytes(2 ** 30), /ENOENT/);
});

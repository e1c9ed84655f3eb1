import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { errnoOf } from "../../src/base/errno-of.ts";
import { systemError } from "../support/system-error.ts";

test("an error of the system is told by the system's word, whoever made it", () => {
  assert.throws(
    () => openSync("/nowhere/at/all", "r"),
    (thrown) => errnoOf(thrown) === "ENOENT",
  );
  assert.equal(errnoOf(systemError("ENOSPC", "write")), "ENOSPC");
});

test("where Node has a number and no word, the system's is found", () => {
  for (const name of ["EDQUOT", "ESTALE"]) {
    const error = systemError(name, "write");
    assert.equal((error as NodeJS.ErrnoException).code, "UNKNOWN");
    assert.equal(errnoOf(error), name);
  }
  const code = "Unknown system error -122";
  const ofPath = Object.assign(new Error(`${code}: ${code}, open '/x'`), { code, errno: -122 });
  assert.equal(errnoOf(ofPath), "EDQUOT");
  // "Structure needs cleaning": Node has no word at all.
  assert.equal(errnoOf(Object.assign(new Error("?"), { code: "UNKNOWN", errno: -117 })), "E117");
});

test("what is no error of the system is told as it is", () => {
  assert.equal(
    errnoOf(Object.assign(new Error("?"), { code: "ERR_INVALID_ARG_TYPE" })),
    "ERR_INVALID_ARG_TYPE",
  );
  assert.equal(errnoOf(new Error("no such thing")), "Error: no such thing");
  assert.equal(errnoOf("words"), "words");
});

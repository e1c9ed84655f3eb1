import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../../src/base/run-program.ts";

const run = (program: string, ...args: string[]): Promise<Error | undefined> =>
  new Promise((resolve) => runProgram(program, args, resolve));

test("tells how a program has ended", async () => {
  assert.equal(await run("true"), undefined);
  assert.match(String(await run("sh", "-c", "echo why >&2; exit 3")), /why/);
});

test("tells that a program could not be started, also where Node throws it", async () => {
  assert.match(String(await run("no-such-program")), /ENOENT/);
  assert.match(String(await run("true", "x".repeat(2 ** 18))), /E2BIG/);
});

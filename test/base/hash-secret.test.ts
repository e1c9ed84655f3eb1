import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { hashSecret } from "../../src/base/hash-secret.ts";

const MODULE = new URL("../../src/base/hash-secret.ts", import.meta.url);

test("every process draws 32 bits of its own", () => {
  const show = `const { hashSecret } = await import(${JSON.stringify(MODULE)}); console.log(hashSecret);`;
  const secrets = [0, 1].map(() => {
    const text = execFileSync(process.execPath, [
      ...process.execArgv,
      "--input-type=module",
      "-e",
      show,
    ]);
    return Number(text.toString());
  });
  for (const secret of [hashSecret, ...secrets]) assert.equal(secret, secret | 0);
  assert.equal(new Set([hashSecret, ...secrets]).size, 3);
});

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { derive, parsePasswordHash } from "../../src/config/password-hash.ts";

const TOOL = fileURLToPath(new URL("../../src/tools/hash-password.ts", import.meta.url));

async function run(
  input: string,
  ...words: readonly string[]
): Promise<{ status: number; output: string }> {
  const child = execFile(process.execPath, [TOOL, ...words]);
  let output = "";
  child.stdout?.on("data", (text: string) => {
    output += text;
  });
  child.stdin?.end(input);
  const [status] = await once(child, "close");
  return { status, output };
}

test("a password from stdin comes out as the hash that the configuration takes", async () => {
  const { status, output } = await run("Secret\n");
  assert.equal(status, 0);
  const stored = parsePasswordHash(output.trimEnd());
  assert.ok(stored !== undefined);
  assert.deepEqual(await derive("SECRET", stored), stored.hash);
});

test("nothing, and what no SoupBinTCP client could send, is refused", async () => {
  for (const input of ["", "\n", "eleven-char\n", "a b\n"]) {
    const { status, output } = await run(input);
    assert.equal(status, 1, JSON.stringify(input));
    assert.equal(output, "");
  }
});

test("help is given, and no password is taken from the command line", async () => {
  const help = await run("", "--help");
  assert.equal(help.status, 0);
  assert.match(help.output, /from stdin/);
  assert.deepEqual(await run("Secret\n", "Secret"), { status: 2, output: "" });
});

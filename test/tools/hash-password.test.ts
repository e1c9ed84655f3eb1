import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
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

/** Types behind the prompt at a terminal that `script` makes. Undefined: there is no such program here. */
async function atTerminal(typed: string): Promise<{ status: number; shown: string } | undefined> {
  if (spawnSync("script", ["--version"]).error !== undefined) return undefined;
  const command = `exec "$NODE" "$TOOL"`;
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { ...process.env, NODE: process.execPath, TOOL, SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.on("data", (text: Buffer) => {
    if (shown === "") child.stdin.end(typed);
    shown += text.toString();
  });
  const [status] = await once(child, "close");
  return { status, shown };
}

test("what is typed at a terminal is not shown, and Ctrl-C ends it", async (t) => {
  const typed = await atTerminal("Secret\r");
  if (typed === undefined) return t.skip("there is no program to make a terminal");
  assert.match(typed.shown, /^password: \r\nscrypt\$[^\r\n]+\r\n$/);
  const stored = parsePasswordHash(typed.shown.split("\r\n")[1] ?? "");
  assert.ok(stored !== undefined);
  assert.deepEqual(await derive("SECRET", stored), stored.hash);

  const ended = await atTerminal("Secr\x03");
  assert.equal(ended?.status, 130);
  assert.doesNotMatch(ended.shown, /Secr|SoupBinTCP/);
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

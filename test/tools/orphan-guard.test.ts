import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { OrphanGuard } from "../../src/tools/orphan-guard.ts";

const TOOLS = resolve(import.meta.dirname, "../../src/tools");
const LOOK_MS = 50;
/** Connects to {port}; says so when it is asked to end, and then does. */
const WITNESS = `const to = require("net").connect({port}); process.on("SIGTERM", () => to.end("asked")); to.on("error", () => {})`;

interface Witness {
  /** A command for the shell. */
  readonly command: string;
  readonly seen: Promise<Socket>;
}

function directoryFor(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function witness(t: TestContext): Promise<Witness> {
  const server = createServer().listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const script = WITNESS.replace("{port}", String(port));
  return {
    command: `'${process.execPath}' -e '${script}'`,
    seen: once(server, "connection").then(([socket]) => socket as Socket),
  };
}

/** What it said before it was gone. */
async function lastWords(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += chunk;
  return text;
}

function runTool(file: string, args: readonly string[], directory: string): ChildProcess {
  return spawn(process.execPath, [join(TOOLS, file), ...args], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ["ignore", "pipe", "ignore"],
  });
}

async function untilWritten({ stdout }: ChildProcess, part: string): Promise<void> {
  let text = "";
  for await (const chunk of stdout?.setEncoding("utf8") ?? []) {
    text += chunk;
    if (text.includes(part)) return;
  }
  throw new Error(`it ended before "${part}": ${text}`);
}

async function untilEmpty(directory: string): Promise<void> {
  while (readdirSync(directory).length > 0) await delay(LOOK_MS);
}

test("a load that is killed takes its gateway with it, and the journal of that", async (t) => {
  const directory = directoryFor(t);
  const load = runTool("load.ts", ["--seconds", "60", "--rate", "100"], directory);
  await untilWritten(load, "    1 s");
  assert.equal(readdirSync(directory).length, 1);
  load.kill("SIGKILL");
  await untilEmpty(directory);
});

test("a comparison that is killed asks its targets and the measuring tool to end, commands of a shell too", async (t) => {
  const directory = directoryFor(t);
  const tool = await witness(t);
  const target = await witness(t);
  const order = { host: "127.0.0.1", port: 9 };
  const ready = JSON.stringify({ event: "ready", order }).replaceAll('"', '\\"');
  // It is the shell's child that connects, and the shell waits for it.
  const command = `echo "${ready}"; ${target.command}; true`;
  const targets = ["--a", command, "--b", "127.0.0.1:9"];
  const args = [...targets, "--tool", tool.command, "--warm", "0"];
  const compare = runTool("compare.ts", args, directory);
  const sockets = await Promise.all([target.seen, tool.seen]);
  compare.kill("SIGKILL");
  assert.deepEqual(await Promise.all(sockets.map(lastWords)), ["asked", "asked"]);
  await untilEmpty(directory);
});

test("a directory that is named from where the tool stands is found", async (t) => {
  const directory = directoryFor(t);
  mkdirSync(join(directory, "there"));
  const script = `const { OrphanGuard } = await import("${TOOLS}/orphan-guard.ts"); new OrphanGuard(undefined, "there"); process.kill(process.pid, "SIGKILL");`;
  spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: directory });
  await untilEmpty(directory);
});

test("a shell that takes -- for a process asks as the others do", async (t) => {
  const directory = directoryFor(t);
  const kill = `kill() { command kill "$@"; status=$?; case " $* " in *" -- "*) return 1; esac; return $status; }`;
  const shell = `#!/bin/sh\nscript=$2; shift 2\nexec /bin/sh -c '${kill}'"$script" "$@"\n`;
  writeFileSync(join(directory, "sh"), shell, { mode: 0o755 });
  const { command, seen } = await witness(t);
  const child = spawn(`exec ${command}`, { shell: true, detached: true, stdio: "ignore" });
  const socket = await seen;
  const script = `const { OrphanGuard } = await import("${TOOLS}/orphan-guard.ts"); new OrphanGuard(${child.pid}, ""); process.kill(process.pid, "SIGKILL");`;
  const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
  spawn(process.execPath, ["--input-type=module", "-e", script], { env });
  assert.equal(await lastWords(socket), "asked");
});

test("what was dismissed is left alone", async (t) => {
  const directory = join(directoryFor(t), "kept");
  const { command, seen } = await witness(t);
  const child = spawn(`exec ${command}`, { shell: true, detached: true, stdio: "ignore" });
  const socket = await seen;
  const before = new OrphanGuard(child.pid, directory);
  before.dismiss();
  // A guard that is not dismissed has ended the next one by then.
  const next = join(directoryFor(t), "next");
  const script = `const { OrphanGuard } = await import("${TOOLS}/orphan-guard.ts"); new OrphanGuard(undefined, process.argv[1]); process.kill(process.pid, "SIGKILL");`;
  mkdirSync(next);
  await once(spawn(process.execPath, ["--input-type=module", "-e", script, next]), "close");
  while (existsSync(next)) await delay(LOOK_MS);
  assert.equal(child.exitCode, null);
  child.kill("SIGTERM");
  assert.equal(await lastWords(socket), "asked");
});

test("where no guard can be started there is none, and nothing else is wrong", () => {
  const start = `const { OrphanGuard } = await import("${TOOLS}/orphan-guard.ts"); const guard = () => new OrphanGuard(undefined, "").dismiss();`;
  const full = `const { openSync } = await import("node:fs"); try { for (;;) openSync("/dev/null"); } catch {}`;
  for (const script of [`${start} ${full}; guard()`, `${start} process.env.PATH = ""; guard()`]) {
    const command = `ulimit -n 64; exec '${process.execPath}' --input-type=module -e '${script}'`;
    const { status, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
  }
});

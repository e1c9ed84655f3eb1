import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { CaptureFileWriter } from "../../../src/capture/capture-file-writer.ts";
import { CAPTURE_KIND } from "../../../src/capture/capture-record.ts";
import { isStream, namesFor, writeNew } from "../../../src/tools/capture/new-file.ts";
import { UnusableCapture } from "../../../src/tools/capture/open-capture.ts";
import { testCaptureInfo } from "../../support/capturing-proxy.ts";
import { testDirectory } from "../../support/gateway.ts";
import { Tool } from "../../support/run-tool.ts";

const CAPTURE = resolve(import.meta.dirname, "../../../src/tools/capture.ts");
/** `capture` in the line is the tool, whatever the path to it is like. */
const shell = (line: string): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)("sh", ["-c", `capture() { "$NODE" "$CAPTURE" "$@"; }; ${line}`], {
    env: { ...process.env, NODE: process.execPath, CAPTURE },
  });

function directoryFor(t: TestContext): string {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** One connection that says so many KiB. */
function capture(file: string, kibibytes: number): string {
  const writer = new CaptureFileWriter(file, testCaptureInfo());
  const facts = { remoteAddress: "10.0.0.9", remotePort: 4711 };
  writer.add(CAPTURE_KIND.CONNECT, 0, 1, 0, 0, Buffer.from(JSON.stringify(facts)));
  const chunk = Buffer.alloc(1024);
  for (let n = 1; n <= kibibytes; n++) writer.add(CAPTURE_KIND.OUT, 0, 1, 0, n, chunk);
  writer.close();
  return file;
}

test("a file has its name when it is whole, and no other is left", (t) => {
  const directory = directoryFor(t);
  const names = namesFor(join(directory, "new"));
  const result = writeNew(names, (descriptor) => {
    assert.equal(existsSync(names.path), false);
    writeSync(descriptor, "all of it");
    closeSync(descriptor);
    return 42;
  });
  assert.equal(result, 42);
  assert.deepEqual(readdirSync(directory), ["new"]);
  assert.equal(readFileSync(names.path, "utf8"), "all of it");
});

test("of a file that cannot be written nothing is left, and what went wrong is told of its own name", (t) => {
  const directory = directoryFor(t);
  const names = namesFor(join(directory, "new"));
  const fail = (code: string): void => {
    writeNew(names, (descriptor) => {
      writeSync(descriptor, "half");
      closeSync(descriptor);
      throw Object.assign(new Error(), { code });
    });
  };
  assert.throws(() => fail("ENOSPC"), /new: the disk is full/);
  assert.throws(() => fail("EFBIG"), /new: is larger than a file may be/);
  assert.deepEqual(readdirSync(directory), []);
  const nowhere = namesFor(join(directory, "no", "new"));
  assert.throws(() => writeNew(nowhere, () => 0), /no\/new: its directory is not there/);
});

test("what is there already is not written over, also when it came meanwhile", (t) => {
  const directory = directoryFor(t);
  const path = join(directory, "new");
  const names = namesFor(path);
  const write = (): void =>
    writeNew(names, (descriptor) => {
      closeSync(descriptor);
      writeFileSync(path, "another's");
    });
  assert.throws(write, UnusableCapture);
  assert.equal(readFileSync(path, "utf8"), "another's");
  assert.deepEqual(readdirSync(directory), ["new"]);
  symlinkSync("nowhere", join(directory, "link"));
  for (const there of [path, directory, join(directory, "link")]) {
    assert.throws(() => namesFor(there), /is there already/);
  }
  assert.equal(isStream(namesFor("/dev/null")), true);
});

test("a signal ends the tool, and no part of a file is left", async (t) => {
  const directory = directoryFor(t);
  const from = capture(join(directory, "from"), 100_000);
  for (const [command, signal, status] of [
    ["to-pcap", "SIGINT", 130],
    ["cut", "SIGTERM", 143],
    ["import", "SIGHUP", 129],
  ] as const) {
    const isBegun = new AbortController();
    const seen = watch(directory, (_event, name) => {
      if (name?.endsWith(".part")) isBegun.abort();
    });
    const tool = new Tool(t, "capture.ts", [command, from, "--out", join(directory, "to")]);
    await Promise.race([once(isBegun.signal, "abort"), tool.ended()]);
    tool.child.kill(signal);
    const { stdout, stderr } = await tool.ended();
    seen.close();
    assert.deepEqual([tool.child.exitCode, stdout, stderr], [status, "", ""], command);
    assert.deepEqual(readdirSync(directory), ["from"]);
  }
});

test("a pipe is written as it is, and the tool's own words do not come between", async (t) => {
  const directory = directoryFor(t);
  const from = capture(join(directory, "from"), 10);
  const run = (line: string) => shell(`cd ${directory}; ${line}`);
  await run(`capture to-pcap ${from} --out plain`);
  const { stderr } = await run(`capture to-pcap ${from} --out /dev/stdout | cat > piped`);
  assert.match(stderr, /^\/dev\/stdout: 13 packets/);
  const named = await run(
    `mkfifo fifo; cat fifo > through & capture to-pcap ${from} --out fifo; wait`,
  );
  assert.match(named.stdout, /^fifo: 13 packets/);
  const whole = readFileSync(join(directory, "plain"));
  for (const name of ["piped", "through"]) {
    assert.deepEqual(readFileSync(join(directory, name)), whole, name);
  }
  assert.deepEqual(readdirSync(directory), ["fifo", "from", "piped", "plain", "through"]);
});

test("a pipe that nobody reads any more is told in a line", async (t) => {
  const from = capture(join(directoryFor(t), "from"), 3_000);
  const { stderr } = await shell(`capture cut ${from} --out /dev/stdout | head -c 1`);
  assert.equal(stderr, "/dev/stdout: whoever read it has gone\n");
});

import assert from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { RotatingFile, type RotatingFileOptions } from "../../src/scribe/rotating-file.ts";
import { testDirectory } from "../support/gateway.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { systemError } from "../support/system-error.ts";

class Rig {
  readonly directory = join(testDirectory(), "telemetry");
  readonly clock = new ManualClock();
  readonly troubles: string[] = [];
  /** What the disk says to a write. */
  errno: string | undefined;
  /** What it still takes before it says so. */
  bytesBefore = 0;
  bytesAtOnce = Number.POSITIVE_INFINITY;

  open(options: Partial<RotatingFileOptions> = {}): RotatingFile {
    return new RotatingFile({
      directory: this.directory,
      prefix: "kind-",
      suffix: ".txt",
      bytesMax: 1000,
      filesMax: 3,
      onTrouble: (line) => this.troubles.push(line),
      nowMs: () => this.clock.epochMs(),
      write: (descriptor, bytes, offset, length) => {
        if (this.errno !== undefined && this.bytesBefore === 0) {
          throw systemError(this.errno, "write");
        }
        if (this.errno !== undefined) {
          const written = writeSync(descriptor, bytes, offset, this.bytesBefore);
          this.bytesBefore = 0;
          return written;
        }
        return writeSync(descriptor, bytes, offset, Math.min(length, this.bytesAtOnce));
      },
      ...options,
    });
  }

  names(): string[] {
    return readdirSync(this.directory).sort();
  }
  /** All files of the kind, one behind the other. */
  text(): string {
    return this.names()
      .map((name) => readFileSync(join(this.directory, name), "utf8"))
      .join("");
  }
}

/** At once, and not with the next large piece. */
const putInto =
  (file: RotatingFile) =>
  (text: string): void => {
    file.write(text);
    file.flush();
  };

test("what is written stands in a file that is named for its time", () => {
  const rig = new Rig();
  const file = rig.open();
  file.write("one ");
  file.write(Buffer.from("two "));
  file.write("drei €\n");
  assert.throws(() => rig.names(), { code: "ENOENT" }, "nothing is made before there is a piece");
  file.flush();
  assert.deepEqual(rig.names(), ["kind-20261120T150000.000Z.txt"]);
  assert.equal(file.path, join(rig.directory, "kind-20261120T150000.000Z.txt"));
  assert.equal(rig.text(), "one two drei €\n");
  file.close();
});

test("a large piece goes to the disk by itself, and a huge one in the place that it has", () => {
  const rig = new Rig();
  const file = rig.open({ bytesMax: 2 ** 30 });
  const line = "x".repeat(1000);
  for (let index = 0; index < 100; index++) file.write(line);
  assert.equal(statSync(file.path).size, 65_000);
  const huge = Buffer.alloc(200_000, "y");
  file.write(huge);
  file.write("end");
  file.close();
  assert.equal(rig.text(), `${line.repeat(100)}${huge}end`);
});

test("a write that the disk takes in many parts arrives whole", () => {
  const rig = new Rig();
  rig.bytesAtOnce = 7;
  const file = rig.open();
  file.write("0123456789".repeat(10));
  file.close();
  assert.equal(rig.text(), "0123456789".repeat(10));
});

test("a full file is followed by another, nothing is torn between two, and so many are kept", () => {
  const rig = new Rig();
  const file = rig.open({ header: () => "head\n" });
  for (let index = 0; index < 40; index++) {
    file.write(`${index}`.padEnd(99, ".").concat("\n"));
    file.flush();
    rig.clock.advanceMs(10);
  }
  file.close();
  assert.equal(rig.names().length, 3);
  for (const name of rig.names()) {
    const lines = readFileSync(join(rig.directory, name), "utf8").trimEnd().split("\n");
    assert.equal(lines[0], "head");
    assert.ok(lines.slice(1).every((line) => line.length === 99));
    assert.ok(statSync(join(rig.directory, name)).size <= 1000);
  }
  const numbers = [...rig.text().matchAll(/^(\d+)\./gm)].map(([, number]) => Number(number));
  assert.deepEqual(
    numbers,
    Array.from({ length: 22 }, (_, index) => 18 + index),
  );
});

test("a write at the limit stays, one byte more begins another file", () => {
  const rig = new Rig();
  const file = rig.open();
  for (const bytes of [600, 400, 1]) {
    file.write("z".repeat(bytes));
    file.flush();
  }
  file.close();
  assert.deepEqual(
    rig.names().map((name) => statSync(join(rig.directory, name)).size),
    [1000, 1],
  );
});

test("a new writer begins a file of its own behind those that are there, even with the clock set back", () => {
  const rig = new Rig();
  const first = rig.open();
  first.write("first ");
  first.close();
  rig.clock.wallMs -= 3_600_000;
  writeFileSync(join(rig.directory, "kind-of-other.txt"), "not ours");
  for (const text of ["second ", "third ", "fourth "]) {
    const next = rig.open();
    next.write(text);
    next.close();
  }
  assert.deepEqual(rig.names(), [
    "kind-20261120T150000.001Z.txt",
    "kind-20261120T150000.002Z.txt",
    "kind-20261120T150000.003Z.txt",
    "kind-of-other.txt",
  ]);
  assert.equal(rig.text(), "second third fourth not ours");
});

for (const errno of ["ENOSPC", "EDQUOT", "EIO"]) {
  test(`a disk that says ${errno} is told of once, tried every ten seconds, and used again`, () => {
    const rig = new Rig();
    const file = rig.open();
    const put = putInto(file);
    put("before ");
    rig.errno = errno;
    rig.bytesBefore = 3;
    put("lost 1 ");
    assert.equal(rig.text(), "before ", "nothing is left in half");
    for (let second = 1; second < 30; second++) {
      rig.clock.advanceMs(1000);
      put(".");
    }
    assert.equal(file.failureCount, 3, "at 0, 10 and 20 seconds");
    assert.equal(file.lostBytes, 7 + 29);
    assert.equal(rig.troubles.length, 1);
    assert.match(rig.troubles[0] ?? "", new RegExp(`kind-.*txt is not written, ${errno}`));
    rig.errno = undefined;
    put("still lost ");
    rig.clock.advanceMs(1000);
    put("after");
    assert.match(rig.troubles[1] ?? "", /is written again, 47 bytes were lost/);
    file.close();
    assert.equal(rig.troubles.length, 2);
    assert.equal(rig.text(), "before after");
  });
}

test("a directory that cannot be made is trouble, and its making the end of it", () => {
  const rig = new Rig();
  writeFileSync(rig.directory, "in the way");
  const file = rig.open();
  file.write("lost");
  file.flush();
  assert.match(rig.troubles[0] ?? "", /telemetry\/kind-\*\.txt is not written, E/);
  rmSync(rig.directory);
  rig.clock.advanceMs(10_000);
  file.write("kept");
  file.close();
  assert.equal(rig.text(), "kept");
  assert.equal(rig.troubles.length, 2);
});

test("a clock that is set back in the middle of trouble does not put off the next try", () => {
  const rig = new Rig();
  rig.errno = "ENOSPC";
  const file = rig.open();
  file.write("lost");
  file.flush();
  rig.errno = undefined;
  rig.clock.wallMs -= 3_600_000;
  file.write("kept");
  file.close();
  assert.equal(rig.text(), "kept");
  assert.equal(rig.troubles.length, 2);
});

for (const [what, take] of [
  ["removed", (path: string) => rmSync(path)],
  ["renamed", (path: string) => renameSync(path, `${path}.1`)],
  ["removed with its directory", (path: string) => rmSync(dirname(path), { recursive: true })],
  ["cut", (path: string) => truncateSync(path)],
] as const) {
  test(`a file that somebody has ${what} is noticed within a second, told, and followed by another`, () => {
    const rig = new Rig();
    const file = rig.open({ header: () => "head " });
    const put = putInto(file);
    put("before ");
    const { path } = file;
    take(path);
    rig.clock.advanceMs(999);
    put("gone ");
    assert.equal(file.path, path);
    rig.clock.advanceMs(1);
    put("after ");
    assert.notEqual(file.path, path);
    rig.clock.advanceMs(1000);
    put("end");
    file.close();
    assert.equal(readFileSync(file.path, "utf8"), "head after end");
    const told = what === "cut" ? "cut" : "removed or renamed";
    assert.deepEqual(rig.troubles, [`${path} was ${told} by somebody: another is begun`]);
    assert.equal(file.lostBytes, 0);
  });
}

test("a file that somebody cuts on a full disk gets no hole of zeros where it was", () => {
  const rig = new Rig();
  const file = rig.open();
  const put = putInto(file);
  put("before ");
  truncateSync(file.path);
  rig.errno = "ENOSPC";
  rig.bytesBefore = 3;
  put("lost ");
  assert.equal(rig.text(), "");
  rig.errno = undefined;
  rig.clock.advanceMs(10_000);
  put("after");
  file.close();
  assert.equal(rig.text(), "after");
});

test("a file that cannot be looked at is written on", () => {
  const rig = new Rig();
  const file = rig.open();
  file.write("before ");
  file.flush();
  const away = `${rig.directory}-away`;
  renameSync(rig.directory, away);
  symlinkSync(rig.directory, rig.directory);
  rig.clock.advanceMs(1000);
  file.write("after");
  file.close();
  rmSync(rig.directory);
  renameSync(away, rig.directory);
  assert.deepEqual(rig.troubles, []);
  assert.equal(rig.text(), "before after");
});

test("a full disk does not push old files out for empty new ones", () => {
  const rig = new Rig();
  mkdirSync(rig.directory);
  for (const second of [1, 2, 3]) {
    writeFileSync(join(rig.directory, `kind-20260101T00000${second}.000Z.txt`), `${second}`);
  }
  rig.errno = "ENOSPC";
  const file = rig.open({ header: () => "head" });
  for (let each = 0; each < 5; each++) {
    file.write("more");
    file.flush();
    rig.clock.advanceMs(10_000);
  }
  file.close();
  assert.equal(rig.text(), "123");
});

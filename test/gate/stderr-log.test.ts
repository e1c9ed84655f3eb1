import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { lineWriter, StderrLog } from "../../src/gate/stderr-log.ts";

test("a line is one JSON object with its time, level and event first; lines below the level are left out", () => {
  const lines: string[] = [];
  const wallClock = { epochMs: () => 1_795_000_000_123 };
  const log = new StderrLog(wallClock, "warn", (line) => lines.push(line) > 0);
  log.info("draining", { connections: 3 });
  log.warn("closed", { why: 'a "quoted"\nreason' });
  log.error("scribe-ended", { status: 1 });
  assert.equal(lines.length, 2);
  assert.ok(lines.every((line) => line.indexOf("\n") === line.length - 1));
  assert.deepEqual(JSON.parse(lines[0]!), {
    time: new Date(1_795_000_000_123).toISOString(),
    level: "warn",
    event: "closed",
    why: 'a "quoted"\nreason',
  });
  assert.equal(JSON.parse(lines[1]!).level, "error");
});

test("a reader that does not read costs lines, not memory, and is told how many when it reads again", () => {
  const taken: string[] = [];
  let goOn: (() => void) | undefined;
  const stream = new Writable({
    decodeStrings: false,
    write: (line: string, _encoding, done) => {
      taken.push(line);
      goOn = done;
    },
  });
  const log = new StderrLog({ epochMs: () => 0 }, "info", lineWriter(stream));
  const why = "x".repeat(1000);
  for (let line = 0; line < 3000; line++) log.warn(`closed ${line % 30}`, { why });
  assert.ok(stream.writableLength < 1.1 * 1024 * 1024);
  while (stream.writableLength > 0) goOn?.();
  log.info("draining", {});
  while (stream.writableLength > 0) goOn?.();
  const events = taken.map((line) => JSON.parse(line));
  assert.equal(events.at(-1).event, "draining");
  const { event, lines } = events.at(-2);
  assert.equal(event, "lines-lost");
  assert.equal(lines + events.length - 2, 3000);
});

test("of one event so many lines are told in a second; the others are counted, and hold up no other event", () => {
  const lines: Record<string, unknown>[] = [];
  let nowMs = 1_795_000_000_000;
  const write = (line: string): boolean => lines.push(JSON.parse(line)) > 0;
  const log = new StderrLog({ epochMs: () => nowMs }, "info", write);
  for (let line = 0; line < 1000; line++) log.warn("closed", { line });
  log.error("disk-short", {});
  assert.equal(lines.length, 101);
  assert.deepEqual(lines[99]?.line, 99);
  assert.equal(lines[100]?.event, "disk-short");

  nowMs += 1000;
  log.info("drained", {});
  log.warn("closed", { line: 1000 });
  const later = lines.slice(101).map(({ event, of, lines: count }) => ({ event, of, count }));
  assert.deepEqual(later, [
    { event: "lines-untold", of: "closed", count: 900 },
    { event: "drained", of: undefined, count: undefined },
    { event: "closed", of: undefined, count: undefined },
  ]);
});

test("a reader that has gone ends nothing", async () => {
  const stream = new Writable({ write: (_line, _encoding, done) => done(new Error("EPIPE")) });
  const log = new StderrLog({ epochMs: () => 0 }, "info", lineWriter(stream));
  log.warn("closed", {});
  await new Promise((resolve) => stream.once("close", resolve));
  log.warn("closed", {});
});

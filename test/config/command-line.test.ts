import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { readCommandLine } from "../../src/config/command-line.ts";

test("no words ask for a plain start", () => {
  assert.deepEqual(readCommandLine([]), {
    configFile: undefined,
    settings: [],
    isCheckOnly: false,
    captureFile: undefined,
    isHelp: false,
  });
});

test("file, settings and switches are taken in both spellings", () => {
  const words = ["--config", "a.json", "--set", "listen.port=0", "--set=session.id=X1"];
  assert.deepEqual(readCommandLine([...words, "--check-config", "--help"]), {
    configFile: "a.json",
    settings: [
      { path: "listen.port", value: 0 },
      { path: "session.id", value: "X1" },
    ],
    isCheckOnly: true,
    captureFile: undefined,
    isHelp: true,
  });
});

test("a capture names one file", () => {
  assert.equal(readCommandLine(["--capture", "day.cap"]).captureFile, "day.cap");
});

test("a setting is JSON where it reads as JSON and text otherwise", () => {
  const meaningOf = (text: string): unknown =>
    readCommandLine(["--set", `a.b=${text}`]).settings[0]?.value;
  assert.equal(meaningOf("null"), null);
  assert.equal(meaningOf("1.5"), 1.5);
  assert.equal(meaningOf('"7"'), "7");
  assert.deepEqual(meaningOf('[{"a":1}]'), [{ a: 1 }]);
  assert.equal(meaningOf("power-loss"), "power-loss");
  assert.equal(meaningOf("00:00"), "00:00");
  assert.equal(meaningOf("x=y"), "x=y");
  assert.equal(meaningOf(""), "");
});

for (const words of [
  ["--port", "1"],
  ["listen.port=1"],
  ["--config"],
  ["--config", "a", "--config", "b"],
  ["--capture", "a", "--capture", "b"],
  ["--capture="],
  ["--set", "listen.port"],
  ["--set", "=1"],
  ["--set", "a..b=1"],
  ["--set", ".a=1"],
]) {
  test(`refused: ${words.join(" ")}`, () => {
    assert.throws(
      () => readCommandLine(words),
      (error) =>
        error instanceof FaultError &&
        error.fault.code === "CONFIG_INVALID" &&
        error.fault.problems[0]?.path === "command line",
    );
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { mustBeOnce, parseOnce } from "../../src/tools/parse-once.ts";
import { runTool } from "../support/run-tool.ts";

const OPTIONS = {
  rate: { type: "string" },
  set: { type: "string", multiple: true },
  json: { type: "boolean" },
} as const;

test("an option with one value stands on a command line once, lists and switches as often as one likes", () => {
  const args = ["--rate", "1", "--set", "a=1", "--json", "--set=a=2", "--json"];
  const { values } = parseOnce({ args, options: OPTIONS });
  assert.deepEqual({ ...values }, { rate: "1", set: ["a=1", "a=2"], json: true });
  for (const again of [["--rate=1"], ["--rate", "2"]]) {
    const both = ["--rate", "1", ...again];
    assert.throws(
      () => parseOnce({ args: both, options: OPTIONS }),
      /^Error: --rate is given twice$/,
    );
  }
  assert.throws(() => parseOnce({ args: ["--what"], options: OPTIONS }), /Unknown option/);
});

test("what names the same thing twice is told by its name", () => {
  mustBeOnce(["a", "b"], "--tag ");
  assert.throws(() => mustBeOnce(["a", "b", "a"], "--tag "), /^Error: --tag a is given twice$/);
});

test("each tool refuses an option that is given twice, with one line about it and status 2", async () => {
  for (const [file, ...args] of [
    ["replay.ts", "no.cap", "--account", "T1=X", "--account", "t1=Y"],
    ["replay.ts", "no.cap", "--speed", "1", "--speed", "2"],
    ["load.ts", "--rate", "1", "--rate", "2"],
    ["load.ts", "--mix", "enter=1,cancel=1,enter=2"],
    ["demo.ts", "--seed", "1", "--seed", "2"],
    ["capture.ts", "cut", "no.cap", "--out", "a", "--out", "b"],
    ["compare.ts", "--a", ".", "--b", ".", "--b", ".."],
    ["pairs.ts", "--a", "true", "--a", "false"],
    ["order.ts", "enter", "--side", "B", "--side", "S"],
    ["order.ts", "query", "--tag", "USER_REF_IDX=1", "--tag", "USER_REF_IDX=2"],
    ["journal.ts", "no", "--account", "A", "--account", "B"],
    ["logs.ts", "no", "--over", "1ms", "--over", "2ms"],
    ["slow.ts", "--last", "1", "--last", "2"],
    ["status.ts", "--control", "a", "--control", "b"],
    ["control.ts", "status", "account=A", "account=B"],
  ] as const) {
    const { status, stdout, stderr } = await runTool(file, args);
    assert.deepEqual([status, stdout], [2, ""], `${file} ${stderr}`);
    assert.match(stderr, /^\S.* is given twice\n/, file);
  }
});

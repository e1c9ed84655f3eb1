import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigProblem } from "../../src/base/fault.ts";
import {
  either,
  fraction,
  listOf,
  oneOf,
  optional,
  orNull,
  partialRecord,
  powerOfTwo,
  type Rule,
  record,
  secret,
  text,
  whole,
} from "../../src/config/rule.ts";

function problemsOf(rule: Rule<unknown>, value: unknown): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const isRight = rule.check(value, "key", problems);
  assert.equal(isRight, problems.length === 0, "the verdict and the problems disagree");
  return problems;
}

const pathsOf = (rule: Rule<unknown>, value: unknown): string[] =>
  problemsOf(rule, value).map((problem) => problem.path);

test("a whole number is taken from its least to its most and not beyond", () => {
  const rule = whole(1, 64);
  for (const value of [1, 64]) assert.deepEqual(problemsOf(rule, value), []);
  for (const value of [
    0,
    65,
    1.5,
    "1",
    null,
    true,
    [],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
  ]) {
    assert.deepEqual(pathsOf(rule, value), ["key"], String(value));
  }
});

test("a fraction is taken from its least to its most and not beyond", () => {
  const rule = fraction(0.5, 8);
  for (const value of [0.5, 2.25, 8]) assert.deepEqual(problemsOf(rule, value), []);
  for (const value of [0.49, 8.01, "1", Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.deepEqual(pathsOf(rule, value), ["key"], String(value));
  }
});

test("a power of two is one within its bounds", () => {
  const rule = powerOfTwo(8, 64);
  for (const value of [8, 16, 64]) assert.deepEqual(problemsOf(rule, value), []);
  for (const value of [4, 12, 63, 128, -8, 0]) {
    assert.deepEqual(pathsOf(rule, value), ["key"], String(value));
  }
});

test("a choice says what there is to choose from", () => {
  assert.deepEqual(problemsOf(oneOf("book", "ack"), "back"), [
    { path: "key", reason: 'is "back", must be "book" or "ack"' },
  ]);
});

test("a record reports unknown, missing and wrong keys in one go", () => {
  const rule = record<{ port: number; host: string; note?: string }>("an object", {
    port: whole(0, 65_535),
    host: text("a host", /./),
    note: optional(text("a note", /./)),
  });
  assert.deepEqual(pathsOf(rule, { port: -1, prot: 1, constructor: 2 }).sort(), [
    "key.constructor",
    "key.host",
    "key.port",
    "key.prot",
  ]);
  assert.deepEqual(pathsOf(rule, { port: 0, host: "a" }), []);
  assert.deepEqual(pathsOf(rule, { port: 0, host: "a", note: 1 }), ["key.note"]);
  assert.deepEqual(pathsOf(rule, []), ["key"]);
});

test("keys that every object inherits are no keys of a record", () => {
  const rule = record<{ port: number }>("an object", { port: whole(0, 1) });
  const value = JSON.parse('{"port":0,"__proto__":{"port":1},"toString":1}');
  assert.deepEqual(pathsOf(rule, value), ["key.__proto__", "key.toString"]);
});

test("a partial record misses nothing and still knows its keys", () => {
  const rule = partialRecord<{ port: number }>("an object", { port: whole(0, 1) });
  assert.deepEqual(pathsOf(rule, {}), []);
  assert.deepEqual(pathsOf(rule, { port: 2, prot: 1 }), ["key.prot", "key.port"]);
});

test("a list names the place of what is wrong in it", () => {
  const rule = listOf(whole(0, 9), 3);
  assert.deepEqual(pathsOf(rule, [0, 10, "x"]), ["key.1", "key.2"]);
  assert.deepEqual(pathsOf(rule, [0, 1, 2]), []);
  assert.deepEqual(pathsOf(rule, [0, 1, 2, 3]), ["key"]);
  assert.deepEqual(pathsOf(rule, { 0: 1 }), ["key"]);
});

test("of two rules the one that was meant says what is wrong", () => {
  const rule = either(oneOf("*"), listOf(whole(0, 9), 3));
  assert.deepEqual(pathsOf(rule, "*"), []);
  assert.deepEqual(pathsOf(rule, [1, 99]), ["key.1"]);
  assert.deepEqual(problemsOf(orNull(whole(1, 2)), 3), [
    { path: "key", reason: "is 3, must be null or a whole number from 1 to 2" },
  ]);
});

test("what a secret holds is never shown", () => {
  const [problem] = problemsOf(secret(text("a word", /^a$/)), "hunter2");
  assert.equal(problem?.reason, "must be a word");
});

test("long values are cut, and records and lists are not shown at all", () => {
  const rule = whole(0, 1);
  assert.ok((problemsOf(rule, "x".repeat(1000))[0]?.reason.length ?? 0) < 100);
  assert.match(problemsOf(rule, [{ password: "p" }])[0]?.reason ?? "", /^is a list,/);
  assert.match(problemsOf(rule, { password: "p" })[0]?.reason ?? "", /^is an object,/);
});

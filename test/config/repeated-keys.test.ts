import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULTS_FILE } from "../../src/config/read-config.ts";
import { repeatedKeys } from "../../src/config/repeated-keys.ts";

test("a key that stands twice in an object is told with its path", () => {
  const cases: [string, string[]][] = [
    ['{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}', []],
    ['{"a":1,"b":2,"a":3}', ["a"]],
    ['{"a":{"x":1},"a":{"x":2}}', ["a"]],
    ['{"a":{"b":{"c":1,"c":2}},"d":{"c":1}}', ["a.b.c"]],
    ['{"a":[1,{"u":1,"u":2},[{"v":1,"v":1}]],"a":0}', ["a.*.u", "a.*.*.v", "a"]],
    ['{"a":"\\"a\\":1","b":"{a","c":"a","\\u0061":1}', ["a"]],
    ['{"a" \n : 1, "a\\\\":2, "":3, "":4}', [""]],
    ["[]", []],
  ];
  for (const [json, paths] of cases) {
    JSON.parse(json);
    assert.deepEqual(repeatedKeys(json), paths, json);
  }
});

test("the defaults have none", () => {
  assert.deepEqual(repeatedKeys(readFileSync(DEFAULTS_FILE, "utf8")), []);
});

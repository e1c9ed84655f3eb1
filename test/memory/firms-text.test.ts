import assert from "node:assert/strict";
import { test } from "node:test";
import { firmName, firmsText } from "../../src/memory/firms-text.ts";

test("the own firm comes first, the others in any order, and any is told from some", () => {
  assert.equal(
    firmsText(["LIME", "ZZZZ", "ABCD"], false),
    firmsText(["LIME", "ABCD", "ZZZZ"], false),
  );
  assert.notEqual(firmsText(["LIME", "ABCD"], false), firmsText(["ABCD", "LIME"], false));
  const some = [firmsText(["LIME"], false), firmsText(["LIME", "ABCD"], false)];
  assert.ok(!some.includes(firmsText(["LIME"], true)));
});

test("the others are left in the order that they were in", () => {
  const firms = ["LIME", "ZZZZ", "ABCD"];
  firmsText(firms, false);
  assert.deepEqual(firms, ["LIME", "ZZZZ", "ABCD"]);
});

test("a firm's name is its letters without blanks", () => {
  assert.deepEqual([0x4c494d45, 0x41422020].map(firmName), ["LIME", "AB"]);
});

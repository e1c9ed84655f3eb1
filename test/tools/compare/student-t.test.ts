import assert from "node:assert/strict";
import { test } from "node:test";
import { studentCdf, studentQuantile } from "../../../src/tools/compare/student-t.ts";

test("quantiles are those of the tables", () => {
  const table: [number, number, number][] = [
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 3, 3.182],
    [0.95, 4, 2.132],
    [0.99, 5, 3.365],
    [0.95, 10, 1.812],
    [0.975, 20, 2.086],
    [0.975, 120, 1.98],
  ];
  for (const [probability, degrees, t] of table) {
    assert.equal(studentQuantile(probability, degrees).toFixed(3), t.toFixed(3), `${degrees}`);
  }
});

test("half of it lies below nothing, and it is symmetrical", () => {
  for (const degrees of [1, 2, 3, 8, 31]) {
    assert.equal(studentCdf(0, degrees), 0.5);
    assert.ok(Math.abs(studentCdf(1.7, degrees) + studentCdf(-1.7, degrees) - 1) < 1e-12);
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { measureDrain } from "../../../../native-free-bench/micro/telemetry/log-drain.ts";
import { measureEmit } from "../../../../native-free-bench/micro/telemetry/log-emit.ts";

test("the bench of the log's writers writes the same core in both ways", async () => {
  const results = await measureEmit({ count: 3000, rounds: 2 });
  assert.deepEqual(
    results.map(({ name }) => name),
    ["answers alone", "left out", "logged", "logged, field by field"],
  );
  const [, , logged, naive] = results;
  assert.equal(logged?.checksum, naive?.checksum);
});

test("the bench of the log's drain writes every record in each form", async () => {
  const costs = await measureDrain(1);
  assert.deepEqual(
    costs.map(({ name, records }) => [name, records]),
    [
      ["binary file", 64_512],
      ["JSON lines", 64_512],
      ["both", 64_512],
    ],
  );
});

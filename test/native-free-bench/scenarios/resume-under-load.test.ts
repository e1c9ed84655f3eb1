import assert from "node:assert/strict";
import { test } from "node:test";
import { measureResume, READERS } from "../../../native-free-bench/scenarios/resume-under-load.ts";

test("the scenario of resumes under load runs: what is read back from the disk is what was sent", async () => {
  const plan = {
    messages: 10_000,
    clients: 20,
    "client-messages": 100,
    seconds: 0.5,
    warmup: 0,
    rounds: 1,
    rate: 500,
    accounts: 4,
    "outbox-bytes": 256 * 1024,
    "segment-bytes": 2 ** 20,
  };
  const told: string[] = [];
  const { runs, fileBytes } = await measureResume(plan, (text) => told.push(text));
  assert.ok(fileBytes > plan["outbox-bytes"], `${fileBytes} bytes in files`);
  assert.equal(told.length, 1 + 2 * READERS.length);
  for (const who of READERS) {
    for (const { load, readBack } of runs[who]) {
      assert.deepEqual(load.faults, []);
      if (who === "nobody") assert.equal(readBack, undefined);
      else assert.ok(readBack && readBack.messages > 0, who);
    }
  }
});

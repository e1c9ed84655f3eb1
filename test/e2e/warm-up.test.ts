// A gateway that has rehearsed: nobody outside can tell, but for the time of the first orders.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import { Scrape } from "../support/scrape.ts";

const MEMORY_DIRECTORY = "/dev/shm";

/** A rehearsal that failed is told; one that was over is not. */
const warmUpLines = ({ stderr }: TestGateway): string[] =>
  stderr.filter((line) => line.includes('"event":"warm-up"') && line.includes('"level":"warn"'));

for (const durability of ["power-loss", "none"]) {
  test(`what was rehearsed is in no metric, no journal and no stream, with durability ${durability}`, async (context) => {
    const settings = { "lanes.warmUpRequests": 5000, "journal.durability": durability };
    const gateway = await TestGateway.start(context, { settings });
    assert.deepEqual(warmUpLines(gateway), []);
    const before = await Scrape.of(gateway.ready);
    for (const name of [
      "gateway_requests_total",
      "gateway_outcomes_total",
      "gateway_connections_total",
      "gateway_orders_live",
      "gateway_journal_writes_total",
    ]) {
      // The configuration of the day is the journal's first batch.
      const allowed = name === "gateway_journal_writes_total" && durability !== "none" ? 1 : 0;
      assert(before.sum(name) <= allowed, `${name} is ${before.sum(name)}`);
    }
    const trader = await gateway.trader();
    assert.deepEqual(await trader.heard(), []);
    for (const directory of [tmpdir(), MEMORY_DIRECTORY].filter(existsSync)) {
      const left = readdirSync(directory).filter((name) =>
        name.includes(`-warm-up-${gateway.pid}-`),
      );
      assert.deepEqual(left, []);
    }
  });
}

test("without a temporary directory the gateway is slow for a second, and nothing else", async (context) => {
  const settings = { "lanes.warmUpRequests": 2000 };
  const directory = testDirectory();
  const env = { TMPDIR: "/proc/nothing" };
  const gateway = await TestGateway.start(context, { settings, directory, env });
  const trader = await gateway.trader();
  trader.order();
  assert.match((await trader.heard())[0] ?? "", /^A /);
  assert.match(
    warmUpLines(gateway)[0] ?? "nothing",
    /"lane":0,"reason":"the lane could not rehearse.*: ENOENT/,
  );
});

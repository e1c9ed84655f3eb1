// The keeper's thread dies, again and again: nobody is disturbed, another one goes on where it stopped, and nothing of it
// stays open.

import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setRules, troubledBy } from "../support/disk-trouble.ts";
import { TestGateway, testDirectory } from "../support/gateway.ts";
import { mustKeep } from "../support/kept-answers.ts";
import type { Trader } from "../support/trader.ts";

const SEGMENT_BYTES = 256 * 1024;
const DEATHS = 2;
const ORDERS = 500;

/** What the process has open in that directory, rising. */
function openIn(pid: number, directory: string): string[] {
  const links = readdirSync(`/proc/${pid}/fd`).map((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return ""; // it was closed meanwhile
    }
  });
  return links
    .filter((path) => path.startsWith(directory))
    .map((path) => path.slice(directory.length + 1))
    .sort();
}

const numberOf = (segment: string): number => Number(/\d+/.exec(segment));

async function trade(trader: Trader): Promise<void> {
  for (let order = 0; order < ORDERS; order++) trader.order();
  const heard = await trader.heard();
  assert.equal(heard.length, ORDERS);
  assert.ok(heard.every((text) => /^A \d+ L$/.test(text)));
}

test("a keeper that dies while it stages is followed by another, and nobody notices", async (context) => {
  const directory = testDirectory();
  const rulesFile = join(directory, "rules");
  const settings = { "journal.segmentBytes": SEGMENT_BYTES };
  const options = { directory, settings };
  const gateway = await TestGateway.start(context, { ...options, env: troubledBy(rulesFile) });
  const lane = join(directory, gateway.session, "lane-0");
  const trader = await gateway.trader();
  await trade(trader);
  const segments = (): string[] => openIn(gateway.pid, lane).filter((name) => name.includes("seg"));
  /** The one that is written and two ahead are open; perhaps also one that the keeper reads for its next checkpoint. */
  const isStaged = (): boolean => {
    const [current = 0, next, last] = segments().map(numberOf).slice(-3);
    return next === current + 1 && last === current + 2 && !segments().join().includes("staging");
  };
  while (!isStaged()) await trader.heard();
  const [first = ""] = segments();

  setRules(rulesFile, [{ call: "write", path: ".staging", thread: "keeper", ends: true }]);
  // Until the next segment is to be staged, and no further.
  while (segments()[0] === first) await trade(trader);
  await gateway.untilLogged('"keeper-ended"', `"restarts":${DEATHS}`);
  const atDeath = segments();
  assert.ok(
    atDeath.filter((name) => name.includes("staging")).length <= 1,
    `they stay open: ${atDeath}`,
  );
  setRules(rulesFile, []);
  for (let round = 0; round < 12; round++) await trade(trader);
  while (!isStaged()) await trader.heard();
  const open = segments();
  assert.ok(open.length <= 4 && !open.join().includes("deleted"), `they stay open: ${open}`);
  assert.ok(Math.max(...open.map(numberOf)) > 4, "nothing was staged after its deaths");
  assert.ok(!readdirSync(lane).some((name) => name.endsWith(".staging")));

  await gateway.stop("SIGKILL");
  await mustKeep(await TestGateway.start(context, options), trader);
});

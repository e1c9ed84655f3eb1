// A record that breaks a lane: the gateway stops before anybody is told anything of it, says which one it was, and does
// not let an account break it again and again (semantics §3.8).

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { breaksAt } from "../support/breaking-lane.ts";
import { setRules, troubledBy } from "../support/disk-trouble.ts";
import { onlyFault } from "../support/fault-line.ts";
import { PASSWORD, TestGateway, type TestHooks, testDirectory } from "../support/gateway.ts";
import { mustKeep } from "../support/kept-answers.ts";
import type { Trader } from "../support/trader.ts";

const BREAKING = 666;
const INVARIANT = 22;

const crashFilesIn = (directory: string): string[] =>
  readdirSync(directory).filter((name) => name.startsWith("crash-"));

/** Where the lane lives. */
const THREADS = ["own", "gate"] as const;
const settingsOf = (thread: string): Record<string, string> => ({ "lanes.thread": thread });

async function mustBreak(gateway: TestGateway, trader: Trader): Promise<void> {
  await trader.heard();
  const before = trader.messages.length;
  trader.order({ quantity: BREAKING });
  const exit = await gateway.untilEnded();
  await trader.closed();
  assert.equal(exit.status, INVARIANT);
  const fault = onlyFault(exit, gateway.stderr);
  assert.deepEqual([fault.code, fault.thread], ["INVARIANT", "lane 0"]);
  assert.match(String(fault.message), /breaks lanes/);
  assert.equal(trader.messages.length, before, "something of it was answered");
}

for (const thread of THREADS) {
  describe(`a record that breaks a lane on the thread "${thread}"`, { concurrency: 2 }, () => {
    const settings = settingsOf(thread);
    const start = (hooks: TestHooks, directory: string): Promise<TestGateway> =>
      TestGateway.start(hooks, { directory, settings, env: breaksAt(BREAKING) });

    test("is written down, and its account stays outside when it does it again", async (context) => {
      const directory = testDirectory();
      const first = await start(context, directory);
      const victim = await first.trader();
      const bystander = await first.trader();
      bystander.order();
      await bystander.heard();
      victim.order();
      await mustBreak(first, victim);

      const [name = "", ...others] = crashFilesIn(directory);
      assert.deepEqual(others, []);
      const crash = JSON.parse(readFileSync(join(directory, name), "utf8"));
      assert.deepEqual(
        [crash.account, crash.kind, crash.session, crash.lane, crash.decoded.quantity],
        [victim.user, "MESSAGE", first.session, 0, BREAKING],
      );
      assert.match(crash.hex, /^4f[0-9a-f]+$/, "an Enter Order, byte for byte");
      assert.match(crash.stack, /breaking-lane/);
      assert.ok(crash.record > 1);

      // Once may be chance: it may come back, and what it was told is there.
      const second = await start(context, directory);
      const back = await mustKeep(second, victim);
      await mustKeep(second, bystander);
      await mustBreak(second, back);
      assert.equal(crashFilesIn(directory).length, 2);

      const third = await start(context, directory);
      const line = JSON.parse(await third.untilLogged("account-suspended"));
      assert.deepEqual([line.level, line.account], ["error", victim.user]);
      assert.match(line.advice, /move them away/);
      const outside = await third.stranger(victim.user);
      const outcome = await outside.login(victim.user, PASSWORD, { sequence: 0 });
      assert.deepEqual(outcome, { isAccepted: false, reason: "A" });
      const trading = await mustKeep(third, bystander);
      trading.order();
      assert.equal((await trading.heard()).length, 1);
      assert.deepEqual(await third.stop(), { status: 0, signal: null });

      mkdirSync(join(directory, "looked-at"));
      for (const file of crashFilesIn(directory)) {
        assert.ok(line.files.includes(file));
        renameSync(join(directory, file), join(directory, "looked-at", file));
      }
      const fourth = await start(context, directory);
      assert.ok(!fourth.stderr.join().includes("account-suspended"));
      const inside = await mustKeep(fourth, victim);
      inside.order();
      assert.equal((await inside.heard()).length, 1);
    });

    test("is told even when there is no place to write it down", async (context) => {
      const directory = testDirectory();
      const rulesFile = join(directory, "rules");
      const [breaking, troubled] = [breaksAt(BREAKING), troubledBy(rulesFile)];
      const env = {
        ...breaking,
        ...troubled,
        NODE_OPTIONS: `${breaking.NODE_OPTIONS} ${troubled.NODE_OPTIONS}`,
      };
      setRules(rulesFile, [{ call: "open", path: "/crash-2", errno: "ENOSPC" }]);
      const gateway = await TestGateway.start(context, { directory, settings, env });
      await mustBreak(gateway, await gateway.trader());
      assert.deepEqual(crashFilesIn(directory), []);
    });
  });
}

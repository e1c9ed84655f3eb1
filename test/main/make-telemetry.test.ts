import assert from "node:assert/strict";
import { test } from "node:test";
import { startClock } from "../../src/base/clock.ts";
import { readCommandLine } from "../../src/config/command-line.ts";
import { ACCOUNTS_MAX } from "../../src/config/config-rules.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { makeTelemetry } from "../../src/main/make-telemetry.ts";
import { AccountNames } from "../../src/telemetry/account-names.ts";

const madeWith = (...settings: string[]) => {
  const words = settings.flatMap((setting) => ["--set", setting]);
  return makeTelemetry(readConfig(readCommandLine(words)).config, startClock().clock);
};

test("accounts behind all of an earlier configuration have a name too", () => {
  const made = madeWith();
  assert.ok(made !== undefined);
  const { gate, memory, accountCount } = made;
  const last = accountCount + ACCOUNTS_MAX - 1;
  gate.names.set(0, last, "NEWONE");
  const names = new AccountNames(memory.accountNames, memory.lanes.length);
  assert.deepEqual([names.get(0, last), names.get(0, last - 1)], ["NEWONE", ""]);
});

test("a gateway that records nothing has no memory for it", () => {
  assert.equal(madeWith("telemetry.enabled=false"), undefined);
});

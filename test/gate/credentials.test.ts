import assert from "node:assert/strict";
import { test } from "node:test";
import { derive, hashPassword } from "../../src/config/password-hash.ts";
import { Credentials, VERDICT_LATER } from "../../src/gate/credentials.ts";
import type { GateAccount } from "../../src/gate/gate-config.ts";

const awaited = (): boolean => true;
const KEY = Buffer.alloc(32, 1);
const named = (user: string, password: string): GateAccount => ({
  user,
  password,
  firms: ["LIME"],
  anyFirm: false,
});

function later(credentials: Credentials, user: string, password: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const onVerdict = (account: GateAccount | undefined): void => resolve(account?.user ?? "refused");
  const verdict = credentials.check({ user, password, isAwaited: awaited, onVerdict });
  if (verdict !== VERDICT_LATER) onVerdict(verdict);
  return promise;
}

test("a hashed password is checked whatever its case, and remembered for the whole range", async () => {
  const text = await hashPassword("bench", Buffer.alloc(16, 5));
  let checks = 0;
  const credentials = new Credentials([named("B1", text), named("B2", text)], KEY, (...terms) => {
    checks++;
    return derive(...terms);
  });
  assert.equal(await later(credentials, "B1", "WRONG"), "refused");
  assert.equal(await later(credentials, "B1", "Bench"), "B1");
  assert.equal(checks, 2);
  assert.equal(await later(credentials, "B2", "BENCH"), "B2");
  assert.equal(await later(credentials, "B1", "bench"), "B1");
  assert.equal(checks, 2);
});

test("checks run one at a time, in order, and those that became known on the way cost nothing", async () => {
  const text = await hashPassword("BENCH", Buffer.alloc(16, 5));
  let running = 0;
  let checks = 0;
  const credentials = new Credentials(
    Array.from({ length: 100 }, (_, index) => named(`B${index}`, text)),
    KEY,
    async (...terms) => {
      checks++;
      running++;
      assert.equal(running, 1);
      const derived = await derive(...terms);
      running--;
      return derived;
    },
  );
  const verdicts = await Promise.all(
    Array.from({ length: 100 }, (_, index) => later(credentials, `B${index}`, "BENCH")),
  );
  assert.equal(verdicts.indexOf("refused"), -1);
  assert.equal(checks, 1);
  assert.equal(credentials.waitingCount, 0);
});

test("an unknown user costs the check that a known one costs", async () => {
  const text = await hashPassword("BENCH", Buffer.alloc(16, 5));
  let checks = 0;
  const credentials = new Credentials([named("B1", text)], KEY, (...terms) => {
    checks++;
    return derive(...terms);
  });
  assert.equal(await later(credentials, "NOBODY", "BENCH"), "refused");
  assert.equal(checks, 1);
});

test("a password in the clear is compared at once", () => {
  const credentials = new Credentials([named("ALICE", "DEMO")], KEY);
  const onVerdict = (): void => assert.fail("it was not at once");
  const check = (user: string, password: string) =>
    credentials.check({ user, password, isAwaited: awaited, onVerdict });
  assert.deepEqual(check("ALICE", "demo"), named("ALICE", "DEMO"));
  assert.equal(check("ALICE", "DEM"), undefined);
  assert.equal(check("BOB", "DEMO"), undefined);
});

test("a check that fails by itself refuses, and the next one runs", async () => {
  const text = await hashPassword("BENCH", Buffer.alloc(16, 5));
  let checks = 0;
  const credentials = new Credentials([named("B1", text)], KEY, (...terms) => {
    checks++;
    return checks === 1 ? Promise.reject(new Error("out of memory")) : derive(...terms);
  });
  assert.equal(await later(credentials, "B1", "BENCH"), "refused");
  assert.equal(await later(credentials, "B1", "BENCH"), "B1");
});

test("who has gone is not checked, and however many come and go, they do not add up", async () => {
  const text = await hashPassword("BENCH", Buffer.alloc(16, 5));
  let checks = 0;
  const credentials = new Credentials([named("B1", text)], KEY, (...terms) => {
    checks++;
    return derive(...terms);
  });
  const onVerdict = (): void => assert.fail("nobody waits for it");
  let stay = 10; // of the crowd, at first
  const first = later(credentials, "B1", "WRONG"); // is being checked when the others come
  for (let index = 0; index < 10_000; index++) {
    const isAwaited = (): boolean => index < stay;
    credentials.check({ user: "X", password: "WRONG", isAwaited, onVerdict });
    assert.ok(credentials.waitingCount <= 256, `${credentials.waitingCount} wait`);
  }
  stay = 0;
  assert.equal(await later(credentials, "B1", "BENCH"), "B1");
  assert.equal(await first, "refused");
  assert.equal(checks, 2);
  assert.equal(credentials.waitingCount, 0);
});

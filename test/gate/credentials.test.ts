import assert from "node:assert/strict";
import { test } from "node:test";
import { derive, hashPassword } from "../../src/config/password-hash.ts";
import { Credentials, VERDICT_LATER } from "../../src/gate/credentials.ts";
import type { GateAccount } from "../../src/gate/gate-config.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";

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
  const verdict = credentials.check({
    user,
    password,
    turn: [user],
    isAwaited: awaited,
    onVerdict,
  });
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
    credentials.check({ user, password, turn: [user], isAwaited: awaited, onVerdict });
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
    credentials.check({ user: "X", password: "WRONG", turn: ["X"], isAwaited, onVerdict });
    assert.ok(credentials.waitingCount <= 256, `${credentials.waitingCount} wait`);
  }
  stay = 0;
  assert.equal(await later(credentials, "B1", "BENCH"), "B1");
  assert.equal(await first, "refused");
  assert.equal(checks, 2);
  assert.equal(credentials.waitingCount, 0);
});

const RIGHT = "RIGHT";
const hashOf = (password: string): Buffer => Buffer.from(password.padEnd(32));
const storedFor = (user: string): string =>
  ["scrypt$2$1$1", Buffer.from(user.padEnd(8)), hashOf(RIGHT)]
    .map((part) => (typeof part === "string" ? part : part.toString("base64")))
    .join("$");

/** B1, B2 … have one password, as the accounts of a range have. */
const rangeOf = (user: string): string => user.slice(0, 1);

/** Whose checks end when the test says so. */
class CheckingRig {
  readonly credentials: Credentials;
  checks = 0;
  private finish: (() => void) | undefined;

  constructor(users: readonly string[]) {
    const accounts = users.map((user) => named(user, storedFor(rangeOf(user))));
    this.credentials = new Credentials(accounts, KEY, (password) => {
      assert.equal(this.finish, undefined, "one at a time");
      const { promise, resolve } = Promise.withResolvers<Buffer>();
      this.finish = () => resolve(hashOf(password));
      return promise;
    });
  }

  ask(user: string, password: string, turn: readonly string[]): { answer: string; after: number } {
    const asked = { answer: "", after: -1 };
    const onVerdict = (account: GateAccount | undefined): void => {
      assert.equal(asked.answer, "", "answered twice");
      asked.answer = account === undefined ? "refused" : "accepted";
      asked.after = this.checks;
    };
    this.credentials.check({ user, password, turn, isAwaited: awaited, onVerdict });
    return asked;
  }

  /** False: none is under way. */
  async endCheck(): Promise<boolean> {
    const { finish } = this;
    if (finish === undefined) return false;
    this.finish = undefined;
    this.checks++;
    finish();
    await new Promise(setImmediate);
    return true;
  }
}

for (const [crowd, wrong] of [
  ["one account", () => "BOB"],
  ["a few accounts", (index) => ["BOB", "CAROL"][index % 2]!],
  ["users who do not exist", (index) => `X${index}`],
  ["some of everything", (index) => ["BOB", `X${index}`][index % 2]!],
  ["the accounts of a range", (index) => `R${index}`],
] satisfies [string, (index: number) => string][]) {
  test(`a first login waits for a few of 1,100 wrong passwords for ${crowd}, not for all`, async () => {
    const range = Array.from({ length: 1_100 }, (_, index) => `R${index}`);
    const rig = new CheckingRig(["ALICE", "BOB", "CAROL", ...range]);
    const refused = Array.from({ length: 1_100 }, (_, index) => {
      const user = wrong(index);
      return rig.ask(user, "WRONG", ["10.0.0.1", user]);
    });
    const alice = rig.ask("ALICE", RIGHT, ["10.0.0.1", "ALICE"]);
    while (alice.answer === "") assert.ok(await rig.endCheck());
    assert.equal(alice.answer, "accepted");
    assert.ok(alice.after <= 4, `${alice.after} checks`);
    while (await rig.endCheck());
    assert.ok(refused.every(({ answer }) => answer === "refused"));
    assert.ok(rig.checks === 1_100 || rig.checks === 1_101, `${rig.checks} checks`);
    assert.equal(rig.credentials.waitingCount, 0);
  });
}

const seed = fuzzSeed();
test(`when a wrong password is refused tells nothing of who exists (FUZZ_SEED=${seed})`, async () => {
  const users = ["A", "B1", "B2", "C", "D1", "D2", "D3"];
  for (let round = 0; round < 200; round++) {
    const script = new SeededRandom(seed + round);
    const known = users.filter(() => script.chance(2));
    const steps = Array.from({ length: 60 }, () =>
      script.chance(3)
        ? undefined
        : {
            user: script.pick(users),
            password: script.pick(["WRONG", "OLD", "BAD"]),
            turn: [`${script.below(2)}`, `${script.below(3)}`],
          },
    );
    const seen: string[] = [];
    // The first is the one of whom the decoy is, in both.
    for (const accounts of [["Z"], ["Z", ...known]]) {
      const rig = new CheckingRig(accounts);
      const asked: { answer: string; after: number }[] = [];
      for (const step of steps) {
        if (step === undefined) await rig.endCheck();
        else asked.push(rig.ask(step.user, step.password, [...step.turn, step.user]));
      }
      while (await rig.endCheck());
      assert.equal(rig.checks, asked.length);
      assert.ok(asked.every(({ answer }) => answer === "refused"));
      seen.push(asked.map(({ after }) => after).join(" "));
    }
    assert.equal(seen[0], seen[1], `round ${round}: ${known} exist`);
  }
});

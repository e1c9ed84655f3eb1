import assert from "node:assert/strict";
import { after, test } from "node:test";
import { parseLoadOptions } from "../../src/tools/load-options.ts";
import { parseOrderOptions } from "../../src/tools/order-options.ts";
import { givenPassword, PASSWORD_VARIABLE } from "../../src/tools/password-option.ts";
import { parseReplayOptions } from "../../src/tools/replay-options.ts";

const before = process.env[PASSWORD_VARIABLE];
after(() => {
  delete process.env[PASSWORD_VARIABLE];
  if (before !== undefined) process.env[PASSWORD_VARIABLE] = before;
});

const TARGET = ["--target", "127.0.0.1:7140"];
const TOOLS: Record<string, (args: string[]) => string | undefined> = {
  order: (args) => parseOrderOptions(["query", ...args])?.password,
  load: (args) => parseLoadOptions([...TARGET, ...args])?.plan.accounts[0]?.password,
  replay: (args) => parseReplayOptions(["day.cap", ...TARGET, ...args])?.password,
};

for (const [name, passwordOf] of Object.entries(TOOLS)) {
  test(`${name} takes a password from the environment, and rather the one of its command line`, () => {
    process.env[PASSWORD_VARIABLE] = "HIDDEN";
    assert.equal(passwordOf([]), "HIDDEN");
    assert.equal(passwordOf(["--password", "SEEN"]), "SEEN");
  });
}

test("a variable that is empty or not there says nothing", () => {
  for (const value of ["", undefined]) {
    delete process.env[PASSWORD_VARIABLE];
    if (value !== undefined) process.env[PASSWORD_VARIABLE] = value;
    assert.equal(givenPassword(undefined), undefined);
    assert.equal(TOOLS.order?.([]), "DEMO");
    assert.equal(TOOLS.load?.([]), "LOAD");
    assert.throws(() => TOOLS.replay?.([]), /--target needs the --password/);
  }
});

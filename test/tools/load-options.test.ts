import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { PROJECT_ROOT } from "../../src/tools/gateway-process.ts";
import { LOAD_HELP, type LoadOptions, parseLoadOptions } from "../../src/tools/load-options.ts";

function parsed(...args: string[]): LoadOptions {
  const options = parseLoadOptions(args);
  assert.ok(options);
  return options;
}

test("without arguments a gateway of our own is measured as the demo does", () => {
  const { plan, target, findMax, out } = parsed();
  assert.equal(target.address, undefined);
  assert.equal(plan.rate, 12_000);
  assert.equal(plan.accounts.length, 16);
  assert.deepEqual(plan.accounts[3], { user: "LOAD03", password: "LOAD" });
  assert.deepEqual([plan.countMax, plan.cooldownSeconds], [null, 1]);
  assert.deepEqual([findMax, out], [undefined, undefined]);
});

test("every part of the load can be asked for", () => {
  const { plan, target } = parsed(
    ...["--target", "[::1]:4000", "--accounts", "b:3", "--password", "BENCH"],
    ...["--rate", "50000", "--arrivals", "bursts", "--burst", "25", "--symbols", "AAPL,MSFT"],
    ...["--mix", "enter=1,cancel=1", "--ramp", "2", "--warmup", "0.5", "--count", "100000"],
    ...["--cooldown", "0", "--late-ms", "0.5", "--late-share", "0.1", "--seed", "9"],
  );
  assert.deepEqual(target.address, { host: "::1", port: 4_000 });
  assert.deepEqual(
    plan.accounts.map(({ user }) => user),
    ["B00000", "B00001", "B00002"],
  );
  assert.deepEqual(plan.mix, { enter: 1, take: 0, cancel: 1, replace: 0, modify: 0 });
  assert.deepEqual([plan.arrivals, plan.burstSize], ["bursts", 25]);
  assert.deepEqual([plan.countMax, plan.seconds], [100_000, 2]);
  assert.deepEqual([plan.lateNsMax, plan.lateShareMax], [500_000, 0.1]);
});

test("a limit to be kept is a percentile and a time", () => {
  const limit = parsed("--find-max", "p999=8ms", "--rate-max", "50000").findMax;
  const expected = { percentile: "p999", ns: 8e6, rateMax: 50_000, confirmations: 2 };
  assert.deepEqual(limit, expected);
  assert.equal(parsed("--find-max", "p50=0.25us").findMax?.ns, 250);
  assert.equal(parsed("--find-max", "max=1s").findMax?.ns, 1e9);
});

test("what cannot be is refused in one line that says what can", () => {
  const cases: [string[], RegExp][] = [
    [["--rate", "fast"], /--rate is a number from 1 to 1000000, not "fast"/],
    [["--rate", "0"], /--rate/],
    [["--count", "1.5"], /--count is a whole number/],
    [["--seconds", "5", "--count", "5"], /exclude each other/],
    [["--arrivals", "random"], /--arrivals is one of constant, poisson, bursts/],
    [["--burst", "100"], /--burst is for --arrivals bursts/],
    [["--mix", "enter=1,buy=2"], /--mix has shares of enter.*not "buy=2"/],
    [["--mix", "cancel=1"], /needs a share of enter or take/],
    [["--mix", "enter=1500,modify=1"], /--mix modify=1 is less than 1\/1024 of all/],
    [["--mix", "enter"], /--mix enter=/],
    [["--symbols", "aapl"], /--symbols/],
    [["--target", "localhost"], /--target is HOST:PORT, not "localhost"/],
    [["--target", ":4000"], /HOST:PORT/],
    [["--target", "host:65536"], /HOST:PORT/],
    [["--target", "host:1", "--set", "a=1"], /--set is for a gateway that is started/],
    [["--accounts", "TOOLONG:3"], /1 to 5 letters or digits/],
    [["--accounts", "ABCDE:11"], /1 to 10 accounts, not "11"/],
    [["--accounts", "A:B:3"], /PREFIX:COUNT/],
    [["--accounts", "B:0"], /accounts/],
    [["--late-share", "2"], /--late-share/],
    [["--find-max", "p95=8ms"], /a percentile and a time with its unit/],
    [["--find-max", "p999=8"], /with its unit/],
    [["--find-max", "p999=0ms"], /above 0/],
    [["--find-max", "p999=8ms", "--rate", "100"], /p999 needs 10,000 answers/],
    [["--find-max", "p50=8ms", "--rate-max", "100"], /--rate-max/],
    [["--rate-max", "50000"], /are for --find-max/],
    [["--confirm", "1"], /are for --find-max/],
    [["--nosuch"], /nosuch/],
    [["stray"], /stray/],
  ];
  for (const [args, expected] of cases) {
    assert.throws(() => parseLoadOptions(args), expected, args.join(" "));
  }
});

test("the help is no wider than a terminal of 120 columns, and names every option", () => {
  assert.equal(parseLoadOptions(["--help"]), undefined);
  for (const line of LOAD_HELP.split("\n")) assert.ok(line.length <= 120, line);
});

test("the page for operators explains every option, and the help knows no other", () => {
  const page = fs.readFileSync(path.join(PROJECT_ROOT, "ops/load.md"), "utf8");
  const optionsOf = (text: string): string[] => text.match(/--[a-z-]+[a-z]/g) ?? [];
  const help = new Set(optionsOf(LOAD_HELP));
  assert.deepEqual(
    [...help].filter((option) => !page.includes(option)),
    [],
  );
  const known = new Set([...help, "--help"]);
  assert.deepEqual(
    optionsOf(page).filter((option) => !known.has(option)),
    [],
  );
});

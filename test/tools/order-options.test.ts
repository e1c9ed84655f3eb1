import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { PRICE_MARKET } from "../../src/protocol/ouch/codes.ts";
import { parseOrderOptions, parsePrice } from "../../src/tools/order-options.ts";

const words = (text: string): string[] => text.split(" ");

test("a price is taken exactly, to its last decimal", () => {
  assert.equal(parsePrice("189.50"), 1_895_000);
  assert.equal(parsePrice("0.0001"), 1);
  assert.equal(parsePrice("1.1"), 11_000);
  assert.equal(parsePrice("199999.99"), 1_999_999_900);
  assert.equal(parsePrice("market"), PRICE_MARKET);
});

test("a price that cannot be sent is refused", () => {
  for (const text of ["", "-1", "1.00001", "199999.9901", "1e3", "1,000", " 1"]) {
    assert.throws(() => parsePrice(text), /--price/, text);
  }
});

test("an order is parsed with the defaults of a demo", () => {
  const text = "enter --side S --quantity 300 --symbol msft --price 410.25 --tag FIRM=LIME";
  const options = parseOrderOptions(words(text));
  assert.equal(options?.command, "enter");
  assert.equal(options?.user, "ALICE");
  assert.equal(options?.side, "S");
  assert.equal(options?.symbol, "MSFT");
  assert.equal(options?.price, 4_102_500);
  assert.deepEqual(options?.tags, { FIRM: "LIME" });
});

test("the control socket is the configured gateway's, or the one that is named", () => {
  const options = (text: string) => parseOrderOptions(words(text));
  const assumed = options("query");
  assert.equal(assumed?.control, path.resolve("journal/control.sock"));
  assert.equal(assumed?.isControlAssumed, true);
  assert.equal(options(`query --port ${assumed?.port}`)?.control, assumed?.control);
  assert.equal(options("query --host localhost")?.control, assumed?.control);
  assert.equal(options("query --port 1")?.control, undefined);
  assert.equal(options("query --host 192.0.2.1")?.control, undefined);
  const named = options("query --port 1 --control here.sock");
  assert.deepEqual([named?.control, named?.isControlAssumed], ["here.sock", false]);
});

test("what a command needs is asked for by name", () => {
  assert.throws(() => parseOrderOptions(words("enter --side B")), /--quantity --symbol --price/);
  assert.throws(() => parseOrderOptions(words("cancel")), /needs --order/);
});

test("what a command would pass over in silence is refused by name", () => {
  const wrong: readonly [string, RegExp][] = [
    ["modify --order 1 --side B --quantity 5 --price 190", /modify takes no --price/],
    ["cancel --order 1 --price 2 --symbol A", /cancel takes no --price --symbol/],
    ["query --side B", /query takes no --side/],
    ["enter --side B --quantity 1 --symbol A --price 1 --order 3", /enter takes no --order/],
    ["watch --number 3", /watch takes no --number/],
  ];
  for (const [line, message] of wrong) assert.throws(() => parseOrderOptions(words(line)), message);
  assert.equal(parseOrderOptions(words("watch --from 3 --timeout 5 --json"))?.from, 3);
});

test("unknown commands, options, tags and letters are refused", () => {
  assert.throws(() => parseOrderOptions(words("buy")), /one command/);
  assert.throws(() => parseOrderOptions(words("query extra")), /one command/);
  assert.throws(() => parseOrderOptions(words("query --nonsense")), /nonsense/);
  assert.throws(() => parseOrderOptions(words("query --tag NONSENSE=1")), /no NONSENSE/);
  assert.throws(() => parseOrderOptions(words("modify --order 1 --quantity 1 --side BUY")), /side/);
});

test("no arguments at all, or --help, ask for help", () => {
  assert.equal(parseOrderOptions([]), undefined);
  assert.equal(parseOrderOptions(["--help"]), undefined);
});

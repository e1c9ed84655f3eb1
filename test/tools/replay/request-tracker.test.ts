import assert from "node:assert/strict";
import { test } from "node:test";
import { CANCEL_REASON, ORDER_STATE, SIDE } from "../../../src/protocol/ouch/codes.ts";
import { NOWHERE, NumberMap } from "../../../src/tools/replay/number-map.ts";
import { OUTCOME, outcomeText, rejectedWith } from "../../../src/tools/replay/outcome.ts";
import { ASKED } from "../../../src/tools/replay/request-reader.ts";
import { RequestTracker } from "../../../src/tools/replay/request-tracker.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

interface Fields {
  readonly channel?: number;
  readonly number?: number;
  readonly target?: number;
  readonly quantity?: number;
  readonly side?: number;
}

/** A tracker with the requests of a test, whose answers are told as words. */
class Rig {
  readonly told: string[] = [];
  readonly tracker: RequestTracker;
  private count = 0;

  constructor() {
    this.tracker = new RequestTracker(100, {
      onAnswered: (request, outcome) => this.told.push(`${request} ${outcomeText(outcome)}`),
      onExplained: (request) => this.told.push(`${request} explained`),
      onUnmatched: (reason) => this.told.push(reason),
    });
    this.tracker.setBase(0, 10);
  }

  send(asked: number, fields: Fields = {}): void {
    this.again(this.count++, asked, fields);
  }

  /** `request` was not sent yet, or is forgotten. */
  again(request: number, asked: number, fields: Fields = {}): void {
    const { channel = 0, number = 0, target = 0, quantity = 100, side = SIDE.BUY } = fields;
    this.tracker.onSent(request, {
      asked,
      channel,
      number,
      hasNumber: fields.number !== undefined,
      target,
      hasTarget: fields.target !== undefined,
      quantity,
      side,
    });
  }

  enter(number: number, quantity = 100): void {
    this.send(ASKED.ENTER, { number, quantity });
  }
  cancel(target: number, quantity = 0): void {
    this.send(ASKED.CANCEL, { target, quantity });
  }
  replace(target: number, number: number): void {
    this.send(ASKED.REPLACE, { target, number });
  }
  modify(target: number, quantity: number, side: number = SIDE.BUY): void {
    this.send(ASKED.MODIFY, { target, quantity, side });
  }
  query(channel = 0): void {
    this.send(ASKED.QUERY, { channel });
  }
  accepted(number: number, quantity = 100): void {
    this.tracker.onAccepted(0, number, quantity, ORDER_STATE.LIVE);
  }
  /** An order that rests. */
  live(number: number): void {
    this.enter(number);
    this.accepted(number);
  }
  replaced(target: number, number: number, quantity = 100): void {
    this.tracker.onReplaced(0, target, number, quantity, ORDER_STATE.LIVE);
  }
  modified(number: number, quantity: number, side: number = SIDE.BUY): void {
    this.tracker.onModified(0, number, quantity, side);
  }
  canceled(number: number, shares: number, reason: number = CANCEL_REASON.USER): void {
    this.tracker.onCanceled(0, number, shares, reason);
  }
  queried(next: number, channel = 0): void {
    this.tracker.onQueried(channel, next);
  }
}

test("several cancels of one order are told apart by what they leave open", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.cancel(10, 100); // changes nothing
  rig.cancel(10, 60);
  rig.cancel(10, 80); // changes nothing any more
  rig.cancel(10);
  rig.query();
  rig.accepted(10);
  rig.canceled(10, 40);
  rig.canceled(10, 60);
  rig.queried(11);
  assert.deepEqual(rig.told, [
    "0 accepted",
    "2 canceled",
    "4 canceled",
    "1 explained",
    "3 explained",
    "5 confirmed",
  ]);
});

test("what names an order that is gone needs no answer, and neither does what names its replacement", () => {
  const rig = new Rig();
  rig.live(10);
  rig.replace(10, 11);
  rig.replace(11, 12);
  rig.cancel(12);
  rig.tracker.onExecuted(0, 10, 100);
  assert.deepEqual(rig.told, ["0 accepted", "1 explained", "2 explained", "3 explained"]);
  rig.replace(11, 13);
  rig.cancel(13);
  rig.query();
  rig.queried(11);
  assert.equal(rig.tracker.waiting, 0);
  assert.equal(rig.tracker.executions, 1);
});

test("a cancel of a live order that stays silent is owed", () => {
  const rig = new Rig();
  rig.live(10);
  rig.cancel(10);
  rig.query();
  rig.queried(11);
  assert.equal(rig.tracker.waiting, 1);
  assert.equal(rig.tracker.outcomeOf(1), OUTCOME.UNANSWERED);
});

test("an Enter that stays silent is owed unless its number was used", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.enter(10);
  rig.enter(12);
  rig.enter(11);
  rig.query();
  rig.accepted(10);
  rig.accepted(12);
  rig.queried(13);
  assert.deepEqual(rig.told, [
    "0 accepted",
    "2 accepted",
    "1 explained",
    "3 explained",
    "4 confirmed",
  ]);
  rig.enter(14);
  rig.query();
  rig.queried(14);
  assert.equal(rig.tracker.waiting, 1);
});

test("what waits when another login takes over is explained by a query behind it, not by the one before", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.enter(11);
  rig.query();
  rig.tracker.doubtAll();
  rig.accepted(10);
  rig.query(255);
  // Whatever is sent the old way now is lost, and its number is free.
  rig.enter(12);
  rig.tracker.drop(4);
  rig.enter(12);
  rig.queried(1, 255);
  rig.accepted(12);
  assert.deepEqual(rig.told, [
    "0 accepted",
    "4 explained",
    "1 explained",
    "2 explained",
    "3 confirmed",
    "5 accepted",
  ]);
});

test("an answer that may be of a query in doubt is its own, and says nothing of what was sent behind that one", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.query();
  rig.enter(11);
  rig.tracker.doubtAll();
  rig.query(255);
  rig.query();
  // Both were read after all.
  rig.queried(10);
  rig.accepted(11);
  rig.queried(1, 255);
  rig.queried(12);
  rig.enter(12);
  rig.query();
  rig.tracker.doubtAll();
  rig.query(255);
  rig.query();
  rig.queried(1, 255);
  rig.queried(12);
  assert.deepEqual(rig.told, [
    ...["0 explained", "1 confirmed", "2 accepted", "3 confirmed", "4 confirmed"],
    ...["5 explained", "6 explained", "7 confirmed", "8 confirmed"],
  ]);
});

test("where nothing but an order tells what came behind a takeover, its answer ends all doubts", () => {
  const rig = new Rig();
  rig.query();
  rig.enter(10);
  rig.query();
  rig.enter(11);
  rig.enter(12);
  rig.query();
  rig.tracker.doubtAll();
  rig.enter(13);
  rig.queried(10);
  rig.accepted(10);
  rig.queried(11);
  rig.accepted(11);
  // The last order of the old connection was not read.
  rig.accepted(13);
  assert.deepEqual(rig.told, [
    ...["0 confirmed", "1 accepted", "2 confirmed", "3 accepted"],
    ...["4 explained", "5 explained", "6 accepted"],
  ]);
});

test("what is in doubt at the end needs no answer, and what is not does", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.cancel(10);
  rig.query();
  rig.tracker.doubtAll();
  rig.enter(11);
  rig.tracker.explainDoubted();
  assert.deepEqual(rig.told, ["0 explained", "1 explained", "2 explained"]);
  assert.equal(rig.tracker.waiting, 1);
});

test("before anybody knows where numbers begin, what is told is about somebody else's orders", () => {
  const rig = new Rig();
  rig.query(7);
  rig.tracker.onExecuted(7, 3, 100);
  rig.tracker.onCanceled(7, 4, 100, CANCEL_REASON.USER);
  rig.queried(5, 7);
  rig.tracker.setBase(7, 5);
  rig.tracker.onExecuted(7, 5, 100);
  assert.equal(rig.tracker.foreign, 2);
  assert.deepEqual(rig.told, ["0 confirmed", "executed, but the order is not live (UserRefNum 5)"]);
});

test("what a used number is told says nothing of what a takeover left in doubt", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.enter(11);
  rig.enter(12);
  rig.tracker.doubtAll();
  rig.enter(11);
  rig.accepted(10);
  rig.accepted(11);
  rig.accepted(12);
  assert.deepEqual(rig.told, ["0 accepted", "3 accepted", "2 accepted"]);
});

test("a query that nobody read may be asked once more", () => {
  const rig = new Rig();
  rig.query();
  rig.tracker.drop(0);
  rig.tracker.forget(0);
  rig.again(0, ASKED.QUERY);
  rig.queried(10);
  rig.tracker.forget(0);
  rig.again(0, ASKED.QUERY);
  rig.tracker.doubtAll();
  rig.tracker.forget(0);
  rig.again(0, ASKED.QUERY);
  rig.queried(10);
  assert.deepEqual(rig.told, [
    ...["0 explained", "0 confirmed"],
    ...["0 explained", "0 confirmed"],
  ]);
});

test("a replace that breaks the protocol costs its target and gives its number back", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.replace(10, 11);
  rig.enter(11);
  rig.query();
  rig.accepted(10);
  rig.canceled(10, 100);
  rig.accepted(11);
  rig.queried(12);
  assert.deepEqual(rig.told, ["0 accepted", "1 canceled", "2 accepted", "3 confirmed"]);
});

test("a replace to a used number is not what canceled its target", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.enter(11);
  rig.replace(10, 11);
  rig.cancel(10);
  rig.accepted(10);
  rig.accepted(11);
  rig.canceled(10, 100);
  assert.deepEqual(rig.told.slice(2), ["3 canceled", "2 explained"]);
});

test("cancels of a mass cancel are not those of a cancel behind it", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.send(ASKED.MASS_CANCEL, { number: 11 });
  rig.cancel(10);
  rig.query();
  rig.accepted(10);
  rig.tracker.onConfirmed(0, 11, ASKED.MASS_CANCEL);
  rig.canceled(10, 100);
  rig.queried(12);
  assert.deepEqual(rig.told, ["0 accepted", "1 confirmed", "2 explained", "3 confirmed"]);
});

test("a refusal names its reason and leaves the target of a replace as it was", () => {
  const rig = new Rig();
  rig.live(10);
  rig.replace(10, 11);
  rig.tracker.onRejected(0, 11, 0x0c);
  rig.cancel(10);
  rig.canceled(10, 100);
  assert.deepEqual(rig.told, ["0 accepted", "1 rejected 0x000C", "2 canceled"]);
  assert.equal(rig.tracker.outcomeOf(1), rejectedWith(0x0c));
});

test("answers that cannot be are told, and those about somebody else's orders are not", () => {
  const rig = new Rig();
  rig.live(10);
  rig.accepted(10);
  rig.accepted(20);
  rig.canceled(10, 101);
  rig.cancel(10, 70);
  rig.canceled(10, 30);
  rig.canceled(10, 30);
  rig.tracker.onExecuted(0, 10, 101);
  rig.tracker.onExecuted(0, 9, 50);
  rig.tracker.onExecuted(0, 30, 1);
  rig.tracker.onConfirmed(0, 31, ASKED.MASS_CANCEL);
  rig.tracker.onRejected(0, 10, 1);
  rig.tracker.onModified(0, 10, 50, SIDE.BUY);
  rig.queried(11);
  rig.query();
  rig.queried(17);
  assert.deepEqual(rig.told.slice(1), [
    "accepted without a request (UserRefNum 10)",
    "accepted without a request (UserRefNum 20)",
    "canceled more than was open (UserRefNum 10)",
    "1 canceled",
    "canceled without a request (UserRefNum 10)",
    "executed more than was open (UserRefNum 10)",
    "executed, but the order is not live (UserRefNum 30)",
    "confirmed without a request (UserRefNum 31)",
    "rejected without a request (UserRefNum 10)",
    "modified without a request (UserRefNum 10)",
    "an Account Query Response (next 11) without a query",
    "2 confirmed",
    "the gateway's next number 17 is not the one behind the last one used, 10",
  ]);
  assert.deepEqual([rig.tracker.foreign, rig.tracker.executions], [1, 0]);
});

test("a replacement takes the place of its target, with what that had executed", () => {
  const rig = new Rig();
  rig.live(10);
  rig.tracker.onExecuted(0, 10, 30);
  rig.replace(10, 11);
  rig.cancel(10);
  rig.replaced(10, 11, 70);
  // 80 in total, of which 30 are executed.
  rig.cancel(11, 80);
  rig.canceled(11, 20);
  rig.query();
  rig.queried(12);
  assert.deepEqual(rig.told, [
    "0 accepted",
    "1 replaced",
    "2 explained",
    "3 canceled",
    "4 confirmed",
  ]);
  rig.tracker.onExecuted(0, 11, 50);
  rig.tracker.onExecuted(0, 11, 1);
  assert.deepEqual(rig.told.slice(5), ["executed, but the order is not live (UserRefNum 11)"]);
  assert.equal(rig.tracker.sharesBought, 80);
});

test("what self-match prevention took counts as executed for what is asked of its order", () => {
  const rig = new Rig();
  rig.live(10);
  rig.canceled(10, 20, CANCEL_REASON.SELF_MATCH_PREVENTION);
  rig.cancel(10, 70);
  rig.canceled(10, 30);
  rig.replace(10, 11);
  rig.replaced(10, 11, 80);
  rig.modify(11, 60);
  rig.modified(11, 40);
  assert.deepEqual(rig.told.slice(1), ["1 canceled", "2 replaced", "3 modified"]);
  assert.equal(rig.tracker.executions, 0);
});

test("what happens to a live order is not that of a later request with its number", () => {
  const rig = new Rig();
  rig.live(10);
  rig.replace(10, 11);
  rig.enter(11); // for the case that the replace gives its number back
  rig.replaced(10, 11);
  rig.tracker.onExecuted(0, 11, 40);
  rig.cancel(11);
  rig.canceled(11, 60);
  rig.query();
  rig.queried(12);
  assert.deepEqual(rig.told, [
    ...["0 accepted", "1 replaced", "3 canceled", "2 explained", "4 confirmed"],
  ]);
});

test("a number that was used is not accepted once more", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.live(10);
  rig.accepted(10);
  rig.replaced(10, 11);
  assert.deepEqual(rig.told, [
    "0 accepted",
    "accepted without a request (UserRefNum 10)",
    "replaced without a request (UserRefNum 11)",
  ]);
});

test("a number below the highest that was sent needs no answer, one behind the base does", () => {
  const rig = new Rig();
  rig.enter(9);
  rig.enter(12);
  rig.enter(10);
  rig.enter(11);
  rig.query();
  rig.accepted(12);
  rig.queried(13);
  assert.deepEqual(rig.told, [
    ...["1 accepted", "0 explained", "2 explained", "3 explained", "4 confirmed"],
  ]);
  const other = new Rig();
  other.enter(10);
  other.query();
  other.queried(10);
  assert.deepEqual(other.told, ["1 confirmed"]);
  assert.equal(other.tracker.outcomeOf(0), OUTCOME.UNANSWERED);
});

test("a base that is asked for again says nothing of numbers that were sent since", () => {
  const rig = new Rig();
  rig.live(10);
  rig.tracker.setBase(0, 5);
  rig.enter(10);
  rig.query();
  rig.queried(11);
  assert.deepEqual(rig.told, ["0 accepted", "1 explained", "2 confirmed"]);
});

test("a refused number is used, and what is asked of its order needs no answer", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.cancel(10);
  rig.tracker.onRejected(0, 10, 0x0c);
  rig.query();
  rig.queried(11);
  assert.deepEqual(rig.told, ["0 rejected 0x000C", "1 explained", "2 confirmed"]);
});

test("what is asked of an order that is owed is owed too, and a mass cancel is no order", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.cancel(10);
  rig.send(ASKED.MASS_CANCEL, { number: 11 });
  rig.cancel(11);
  rig.query();
  rig.tracker.onConfirmed(0, 11, ASKED.MASS_CANCEL);
  rig.queried(12);
  assert.deepEqual(rig.told, ["2 confirmed", "3 explained", "4 confirmed"]);
  assert.equal(rig.tracker.waiting, 2);
});

test("the one that waits for nothing is held up until somebody asks, and again when nobody read the question", () => {
  const rig = new Rig();
  assert.equal(rig.tracker.isHeldUp, false);
  rig.enter(10);
  assert.equal(rig.tracker.isHeldUp, false);
  rig.live(10);
  assert.equal(rig.tracker.isHeldUp, true);
  rig.query();
  assert.equal(rig.tracker.isHeldUp, false);
  rig.tracker.drop(2);
  assert.equal(rig.tracker.isHeldUp, true);
  rig.query();
  rig.tracker.doubtAll();
  rig.tracker.doubtAll();
  assert.equal(rig.tracker.isHeldUp, true);
  rig.query(255);
  assert.equal(rig.tracker.isHeldUp, false);
  rig.queried(1, 255);
  rig.enter(10);
  assert.equal(rig.tracker.isHeldUp, true);
  rig.tracker.doubt(4); // it is answered
  rig.query();
  assert.equal(rig.tracker.isHeldUp, false);
  const other = new Rig();
  other.enter(10);
  other.enter(11);
  other.tracker.drop(1);
  other.tracker.doubt(0);
  assert.equal(other.tracker.isHeldUp, true);
  other.query();
  assert.equal(other.tracker.isHeldUp, false);
});

test("the next number is not looked at while an answer is owed, nor where nobody knows the first", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.query();
  rig.queried(15);
  assert.deepEqual(rig.told, ["1 confirmed"]);
  const other = new Rig();
  other.query(7);
  assert.equal(other.tracker.onQueried(7, 15), 0);
  assert.deepEqual(other.told, ["0 confirmed"]);
});

test("modifies that change nothing, are larger or change to what may not be need no answer", () => {
  const rig = new Rig();
  rig.live(10);
  rig.modify(10, 100);
  rig.modify(10, 150);
  rig.modify(10, 60);
  rig.modify(10, 50, SIDE.SELL);
  rig.query();
  rig.modified(10, 60);
  rig.queried(11);
  assert.deepEqual(rig.told, [
    ...["0 accepted", "3 modified", "1 explained", "2 explained", "4 explained", "5 confirmed"],
  ]);
  rig.tracker.onExecuted(0, 10, 61);
  assert.deepEqual(rig.told.slice(6), ["executed more than was open (UserRefNum 10)"]);
  rig.modify(10, 30);
  rig.query();
  rig.queried(11);
  assert.equal(rig.tracker.outcomeOf(6), OUTCOME.UNANSWERED);
});

test("a modify is known by what it leaves and by its side, which may be all that it changes", () => {
  const rig = new Rig();
  rig.send(ASKED.ENTER, { number: 10, side: SIDE.SELL });
  rig.accepted(10);
  rig.modify(10, 80, SIDE.SELL); // by now it would make more of it
  rig.modify(10, 80, SIDE.SELL_SHORT);
  rig.modify(10, 70, SIDE.SELL_SHORT);
  rig.modified(10, 80, SIDE.SELL_SHORT);
  rig.modified(10, 70, SIDE.SELL_SHORT);
  rig.modify(10, 70, SIDE.SELL);
  rig.modify(10, 70, SIDE.SELL_SHORT);
  rig.query();
  rig.queried(11);
  assert.deepEqual(rig.told, [
    ...["0 accepted", "2 modified", "3 modified", "1 explained", "5 explained", "6 confirmed"],
  ]);
  assert.equal(rig.tracker.outcomeOf(4), OUTCOME.UNANSWERED);
  rig.tracker.onExecuted(0, 10, 40);
  assert.deepEqual([rig.tracker.sharesBought, rig.tracker.sharesSold], [0, 40]);
});

test("a modify to nothing cancels, one to something does not", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.enter(11);
  rig.accepted(10);
  rig.accepted(11);
  rig.modify(10, 0);
  rig.canceled(10, 100);
  rig.modify(11, 40, SIDE.SELL);
  rig.cancel(11, 40);
  rig.canceled(11, 60);
  assert.deepEqual(rig.told.slice(2), ["2 canceled", "4 canceled"]);
});

test("cancels that take nothing of a live order need no answer, a replace of it does", () => {
  const rig = new Rig();
  rig.live(10);
  rig.cancel(10, 100);
  rig.cancel(10, 150);
  rig.replace(10, 11);
  rig.query();
  rig.queried(11);
  assert.deepEqual(rig.told, ["0 accepted", "1 explained", "2 explained", "4 confirmed"]);
  assert.equal(rig.tracker.outcomeOf(3), OUTCOME.UNANSWERED);
});

test("a query of another channel is owed whatever this one is answered", () => {
  const rig = new Rig();
  rig.query(7);
  rig.query();
  rig.queried(10);
  assert.equal(rig.tracker.onQueried(7, 1), 0);
  assert.deepEqual(rig.told, ["1 confirmed", "0 confirmed"]);
});

test("an order that the gateway canceled leaves its cancel without an answer", () => {
  const rig = new Rig();
  rig.live(10);
  rig.cancel(10);
  rig.canceled(10, 100, CANCEL_REASON.TIMEOUT);
  assert.deepEqual(rig.told, ["0 accepted", "1 explained"]);
});

test("an order that is accepted dead is over, and so is what an invalid replace was to bring", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.cancel(10);
  rig.tracker.onAccepted(0, 10, 100, ORDER_STATE.DEAD);
  assert.deepEqual(rig.told, ["0 accepted", "1 explained"]);
  rig.live(11);
  rig.replace(11, 12);
  rig.cancel(12);
  rig.canceled(11, 100);
  assert.deepEqual(rig.told.slice(2), ["2 accepted", "3 canceled", "4 explained"]);
});

test("of two replaces to one number the one that names the target is answered", () => {
  const rig = new Rig();
  rig.enter(10);
  rig.enter(11);
  rig.accepted(10);
  rig.accepted(11);
  rig.replace(10, 12);
  rig.replace(11, 12);
  rig.replaced(11, 12);
  rig.cancel(10);
  rig.canceled(10, 100);
  assert.deepEqual(rig.told.slice(2), ["3 replaced", "4 canceled", "2 explained"]);
});

test("a mass cancel goes on until something behind it is done, which a refusal and a disable are not", () => {
  for (const { behind, isOver } of [
    { behind: (rig: Rig) => rig.accepted(12), isOver: true },
    { behind: (rig: Rig) => rig.tracker.onRejected(0, 12, 0x0c), isOver: false },
  ]) {
    const rig = new Rig();
    rig.enter(10);
    rig.send(ASKED.MASS_CANCEL, { number: 11 });
    rig.enter(12);
    rig.cancel(10);
    rig.accepted(10);
    rig.tracker.onConfirmed(0, 11, ASKED.MASS_CANCEL);
    behind(rig);
    rig.canceled(10, 100);
    assert.equal(rig.told.at(-1), isOver ? "3 canceled" : "3 explained");
  }
  for (const asked of [ASKED.DISABLE, ASKED.ENABLE]) {
    const rig = new Rig();
    rig.enter(10);
    rig.enter(11);
    rig.send(asked, { number: 12 });
    rig.cancel(10);
    rig.accepted(10);
    rig.accepted(11);
    rig.tracker.onConfirmed(0, 12, asked);
    rig.canceled(10, 100);
    rig.send(ASKED.MASS_CANCEL, { number: 13 });
    rig.send(asked, { number: 14 });
    rig.cancel(11);
    rig.tracker.onConfirmed(0, 13, ASKED.MASS_CANCEL);
    rig.tracker.onConfirmed(0, 14, asked);
    rig.canceled(11, 100);
    assert.deepEqual(rig.told.slice(2), [
      ...["2 confirmed", "3 canceled", "4 confirmed", "5 confirmed", "6 explained"],
    ]);
  }
});

const seed = fuzzSeed();
test(`a number map finds what a Map does (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const map = new NumberMap(500);
  const twin = new Map<string, number>();
  for (let step = 0; step < 2_000; step++) {
    const channel = random.below(3);
    const number = random.chance(3) ? 0xffffffff - random.below(40) : random.below(120);
    const key = `${channel} ${number}`;
    assert.equal(map.find(channel, number), twin.get(key) ?? NOWHERE);
    if (!random.chance(3)) continue;
    map.set(channel, number, step);
    twin.set(key, step);
  }
  map.clear();
  assert.equal(map.find(0, 5), NOWHERE);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { OncePerTurn } from "../../src/gate/once-per-turn.ts";

class Turns {
  private due: (() => void)[] = [];
  readonly next = (callback: () => void): void => {
    this.due.push(callback);
  };

  get dueCount(): number {
    return this.due.length;
  }
  /** What was asked for before this turn runs in it. */
  turn(): void {
    const { due } = this;
    this.due = [];
    for (const callback of due) callback();
  }
}

test("work that is asked for often in a turn runs once in the next", () => {
  const turns = new Turns();
  let runs = 0;
  const work = new OncePerTurn(turns.next, () => runs++);
  turns.turn();
  assert.equal(runs, 0, "nobody has asked");
  for (let ask = 0; ask < 3; ask++) work.ask();
  assert.deepEqual([runs, turns.dueCount], [0, 1]);
  turns.turn();
  turns.turn();
  assert.equal(runs, 1);
  work.ask();
  turns.turn();
  assert.equal(runs, 2);
});

test("work that asks for itself has its next turn, and no more than one", () => {
  const turns = new Turns();
  let runs = 0;
  const work: OncePerTurn = new OncePerTurn(turns.next, () => {
    runs++;
    work.ask();
    work.ask();
  });
  work.ask();
  for (let turn = 1; turn <= 3; turn++) {
    turns.turn();
    assert.deepEqual([runs, turns.dueCount], [turn, 1]);
  }
});

test("work that throws can be asked for again", () => {
  const turns = new Turns();
  let runs = 0;
  const work = new OncePerTurn(turns.next, () => {
    if (++runs === 1) throw new Error("the first time");
  });
  work.ask();
  assert.throws(() => turns.turn(), /the first time/);
  work.ask();
  turns.turn();
  assert.equal(runs, 2);
});

test("two kinds of work do not share a turn's place", () => {
  const turns = new Turns();
  const ran: string[] = [];
  const first = new OncePerTurn(turns.next, () => ran.push("first"));
  const second = new OncePerTurn(turns.next, () => ran.push("second"));
  first.ask();
  second.ask();
  first.ask();
  turns.turn();
  assert.deepEqual(ran, ["first", "second"]);
});

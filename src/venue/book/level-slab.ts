// The price levels of every book of a lane, named by their number. Lane thread.
//
// A level is one cache line: its place in the tree, its two queues, its shares. Numbers count from 1; level 0 stands
// for "none", is all zeros and is never written, so that the tree may read it like any other.

import { assert } from "../../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../../journal/state-stream.ts";
import { NO_LEVEL, NO_ORDER } from "../order-slab.ts";

// Words.
const PARENT = 0;
const LEFT = PARENT + 1;
const RIGHT = LEFT + 1;
const HEIGHT = RIGHT + 1;
const KEY = HEIGHT + 1; // rises from the best price to the worst, on both sides
const TREE = KEY + 1;
const SHOWN_HEAD = TREE + 1;
const SHOWN_TAIL = SHOWN_HEAD + 1;
const HIDDEN_HEAD = SHOWN_TAIL + 1;
const HIDDEN_TAIL = HIDDEN_HEAD + 1;
const WORDS_USED = HIDDEN_TAIL + 1;
// Doubles: a million orders of a million shares are more than a word holds.
const SHARES = WORDS_USED >> 1;
const SUBTREE_SHARES = SHARES + 1;

const LEVEL_DOUBLES = 8;
const LEVEL_WORDS = LEVEL_DOUBLES * 2;
assert(WORDS_USED % 2 === 0, "a level's doubles are not aligned");
assert(SUBTREE_SHARES < LEVEL_DOUBLES, "a level overruns its cache line");

export class LevelSlab implements Saved {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly levelsMax: number;
  private firstFree = NO_LEVEL;
  private unused = NO_LEVEL + 1;

  constructor(levelsMax: number) {
    const memory = new ArrayBuffer((levelsMax + 1) * LEVEL_DOUBLES * 8);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.levelsMax = levelsMax;
  }

  /** An empty level that is in no tree yet. */
  allocate(tree: number, key: number): number {
    let level = this.firstFree;
    if (level !== NO_LEVEL) {
      this.firstFree = this.parent(level);
    } else {
      assert(this.unused <= this.levelsMax, "more levels than orders");
      level = this.unused;
      this.unused++;
    }
    const word = level * LEVEL_WORDS;
    this.words[word + PARENT] = NO_LEVEL;
    this.words[word + LEFT] = NO_LEVEL;
    this.words[word + RIGHT] = NO_LEVEL;
    this.words[word + HEIGHT] = 1;
    this.words[word + KEY] = key;
    this.words[word + TREE] = tree;
    this.words[word + SHOWN_HEAD] = NO_ORDER;
    this.words[word + SHOWN_TAIL] = NO_ORDER;
    this.words[word + HIDDEN_HEAD] = NO_ORDER;
    this.words[word + HIDDEN_TAIL] = NO_ORDER;
    const double = level * LEVEL_DOUBLES;
    this.doubles[double + SHARES] = 0;
    this.doubles[double + SUBTREE_SHARES] = 0;
    return level;
  }

  free(level: number): void {
    this.setParent(level, this.firstFree);
    this.firstFree = level;
  }

  save(out: StateWriter): void {
    out.number(this.firstFree);
    out.number(this.unused);
    out.array(this.words, 0, this.unused * LEVEL_WORDS);
  }
  restore(from: StateReader): void {
    this.firstFree = from.number();
    this.unused = from.number();
    assert(this.unused <= this.levelsMax + 1, "more levels were used than there is room for");
    from.array(this.words, 0, this.unused * LEVEL_WORDS);
  }

  parent(level: number): number {
    return this.words[level * LEVEL_WORDS + PARENT]!;
  }
  setParent(level: number, value: number): void {
    this.words[level * LEVEL_WORDS + PARENT] = value;
  }
  left(level: number): number {
    return this.words[level * LEVEL_WORDS + LEFT]!;
  }
  setLeft(level: number, value: number): void {
    this.words[level * LEVEL_WORDS + LEFT] = value;
  }
  right(level: number): number {
    return this.words[level * LEVEL_WORDS + RIGHT]!;
  }
  setRight(level: number, value: number): void {
    this.words[level * LEVEL_WORDS + RIGHT] = value;
  }
  height(level: number): number {
    return this.words[level * LEVEL_WORDS + HEIGHT]!;
  }
  setHeight(level: number, value: number): void {
    this.words[level * LEVEL_WORDS + HEIGHT] = value;
  }
  key(level: number): number {
    return this.words[level * LEVEL_WORDS + KEY]!;
  }
  tree(level: number): number {
    return this.words[level * LEVEL_WORDS + TREE]!;
  }

  shownHead(level: number): number {
    return this.words[level * LEVEL_WORDS + SHOWN_HEAD]!;
  }
  setShownHead(level: number, order: number): void {
    this.words[level * LEVEL_WORDS + SHOWN_HEAD] = order;
  }
  shownTail(level: number): number {
    return this.words[level * LEVEL_WORDS + SHOWN_TAIL]!;
  }
  setShownTail(level: number, order: number): void {
    this.words[level * LEVEL_WORDS + SHOWN_TAIL] = order;
  }
  hiddenHead(level: number): number {
    return this.words[level * LEVEL_WORDS + HIDDEN_HEAD]!;
  }
  setHiddenHead(level: number, order: number): void {
    this.words[level * LEVEL_WORDS + HIDDEN_HEAD] = order;
  }
  hiddenTail(level: number): number {
    return this.words[level * LEVEL_WORDS + HIDDEN_TAIL]!;
  }
  setHiddenTail(level: number, order: number): void {
    this.words[level * LEVEL_WORDS + HIDDEN_TAIL] = order;
  }

  /** Open shares of the level's orders. */
  shares(level: number): number {
    return this.doubles[level * LEVEL_DOUBLES + SHARES]!;
  }
  setShares(level: number, value: number): void {
    this.doubles[level * LEVEL_DOUBLES + SHARES] = value;
  }
  /** Open shares of the level and of all below it in the tree. */
  subtreeShares(level: number): number {
    return this.doubles[level * LEVEL_DOUBLES + SUBTREE_SHARES]!;
  }
  setSubtreeShares(level: number, value: number): void {
    this.doubles[level * LEVEL_DOUBLES + SUBTREE_SHARES] = value;
  }
}

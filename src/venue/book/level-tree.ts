// The levels of each side of each book in the order of their prices, best first. Lane thread.
//
// One AVL tree per side. A level is found, added and removed in O(log levels), the best one is always at hand. Each
// level also knows the shares of all below it, so "how much is there up to this price" (MinQty) needs no walk.

import { assert } from "../../base/assert.ts";
import type { Saved, StateReader, StateWriter } from "../../journal/state-stream.ts";
import { restoreUsedPart, saveUsedPart } from "../../journal/used-part.ts";
import { NO_LEVEL } from "../order-slab.ts";
import type { LevelSlab } from "./level-slab.ts";

export class LevelTree implements Saved {
  private readonly levels: LevelSlab;
  private readonly roots: Int32Array;
  private readonly bests: Int32Array;

  constructor(levels: LevelSlab, treesMax: number) {
    this.levels = levels;
    this.roots = new Int32Array(treesMax);
    this.bests = new Int32Array(treesMax);
  }

  root(tree: number): number {
    return this.roots[tree]!;
  }
  /** The level with the smallest key, or NO_LEVEL. */
  best(tree: number): number {
    return this.bests[tree]!;
  }

  /** The level with the next larger key, or NO_LEVEL. */
  next(level: number): number {
    const levels = this.levels;
    let next = levels.right(level);
    if (next !== NO_LEVEL) {
      while (levels.left(next) !== NO_LEVEL) next = levels.left(next);
      return next;
    }
    let below = level;
    next = levels.parent(below);
    while (next !== NO_LEVEL && levels.right(next) === below) {
      below = next;
      next = levels.parent(below);
    }
    return next;
  }

  findOrAdd(tree: number, key: number): number {
    const levels = this.levels;
    const best = this.best(tree);
    if (best !== NO_LEVEL && levels.key(best) === key) return best;

    let parent = NO_LEVEL;
    let level = this.root(tree);
    while (level !== NO_LEVEL) {
      const levelKey = levels.key(level);
      if (levelKey === key) return level;
      parent = level;
      level = key < levelKey ? levels.left(level) : levels.right(level);
    }

    const added = levels.allocate(tree, key);
    levels.setParent(added, parent);
    if (parent === NO_LEVEL) this.roots[tree] = added;
    else if (key < levels.key(parent)) levels.setLeft(parent, added);
    else levels.setRight(parent, added);
    if (best === NO_LEVEL || key < levels.key(best)) this.bests[tree] = added;
    this.rebalance(parent);
    return added;
  }

  /** Adds to a level's shares; negative takes away. */
  addShares(level: number, shares: number): void {
    const levels = this.levels;
    levels.setShares(level, levels.shares(level) + shares);
    for (let above = level; above !== NO_LEVEL; above = levels.parent(above)) {
      levels.setSubtreeShares(above, levels.subtreeShares(above) + shares);
    }
  }

  /** Shares on all levels whose key is at most `limitKey`. */
  sharesUpTo(tree: number, limitKey: number): number {
    const levels = this.levels;
    let shares = 0;
    let level = this.root(tree);
    while (level !== NO_LEVEL) {
      if (levels.key(level) > limitKey) {
        level = levels.left(level);
      } else {
        shares += levels.subtreeShares(levels.left(level)) + levels.shares(level);
        level = levels.right(level);
      }
    }
    return shares;
  }

  /** Takes an empty level out of its tree and frees it. */
  remove(level: number): void {
    const levels = this.levels;
    assert(levels.shares(level) === 0, "a level with shares is removed");
    const tree = levels.tree(level);
    if (this.best(tree) === level) this.bests[tree] = this.next(level);

    const left = levels.left(level);
    const right = levels.right(level);
    if (left === NO_LEVEL || right === NO_LEVEL) {
      const parent = levels.parent(level);
      this.replace(level, left === NO_LEVEL ? right : left);
      this.rebalance(parent);
    } else {
      // Its successor takes its place. Orders name levels by number, so the level itself moves, not its content.
      const heir = this.next(level);
      let changed = heir;
      if (heir !== right) {
        changed = levels.parent(heir);
        this.replace(heir, levels.right(heir));
        levels.setRight(heir, right);
        levels.setParent(right, heir);
      }
      this.replace(level, heir);
      levels.setLeft(heir, left);
      levels.setParent(left, heir);
      levels.setHeight(heir, levels.height(level));
      levels.setSubtreeShares(heir, levels.subtreeShares(level));
      this.rebalance(changed);
    }
    levels.free(level);
  }

  /** Without its levels: they have a slab of their own. */
  save(out: StateWriter): void {
    saveUsedPart(out, this.roots);
    saveUsedPart(out, this.bests);
  }
  restore(from: StateReader): void {
    restoreUsedPart(from, this.roots);
    restoreUsedPart(from, this.bests);
  }

  /** Hangs `level` (or nothing) where `old` hangs. */
  private replace(old: number, level: number): void {
    const levels = this.levels;
    const parent = levels.parent(old);
    if (level !== NO_LEVEL) levels.setParent(level, parent);
    if (parent === NO_LEVEL) this.roots[levels.tree(old)] = level;
    else if (levels.left(parent) === old) levels.setLeft(parent, level);
    else levels.setRight(parent, level);
  }

  /** Brings heights, share totals and balance in order from a level upwards, as far as anything changes. */
  private rebalance(from: number): void {
    const levels = this.levels;
    let top = from;
    while (top !== NO_LEVEL) {
      const heightBefore = levels.height(top);
      const sharesBefore = levels.subtreeShares(top);
      this.refresh(top);
      const leaning = this.leaning(top);
      if (leaning > 1) {
        const left = levels.left(top);
        if (this.leaning(left) < 0) this.rotateLeft(left);
        top = this.rotateRight(top);
      } else if (leaning < -1) {
        const right = levels.right(top);
        if (this.leaning(right) > 0) this.rotateRight(right);
        top = this.rotateLeft(top);
      }
      const isSame =
        levels.height(top) === heightBefore && levels.subtreeShares(top) === sharesBefore;
      if (isSame) return;
      top = levels.parent(top);
    }
  }

  /** How much higher the left side is than the right. */
  private leaning(level: number): number {
    const levels = this.levels;
    return levels.height(levels.left(level)) - levels.height(levels.right(level));
  }

  private refresh(level: number): void {
    const levels = this.levels;
    const left = levels.left(level);
    const right = levels.right(level);
    const leftHeight = levels.height(left);
    const rightHeight = levels.height(right);
    levels.setHeight(level, 1 + Math.max(leftHeight, rightHeight));
    levels.setSubtreeShares(
      level,
      levels.shares(level) + levels.subtreeShares(left) + levels.subtreeShares(right),
    );
  }

  private rotateLeft(level: number): number {
    const levels = this.levels;
    const top = levels.right(level);
    const between = levels.left(top);
    this.replace(level, top);
    levels.setRight(level, between);
    if (between !== NO_LEVEL) levels.setParent(between, level);
    levels.setLeft(top, level);
    levels.setParent(level, top);
    this.refresh(level);
    this.refresh(top);
    return top;
  }

  private rotateRight(level: number): number {
    const levels = this.levels;
    const top = levels.left(level);
    const between = levels.right(top);
    this.replace(level, top);
    levels.setLeft(level, between);
    if (between !== NO_LEVEL) levels.setParent(between, level);
    levels.setRight(top, level);
    levels.setParent(level, top);
    this.refresh(level);
    this.refresh(top);
    return top;
  }
}

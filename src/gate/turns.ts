// A queue that is fair at every level of a path: the groups take turns, in each group those within it, and only what
// has one path is first come, first served. Who brings many waits for them himself; others wait for one of them each.

export class Turns<T> {
  /** Whose turn is next comes first. */
  private readonly groups = new Map<string, Turns<T>>();
  private own: T[] = [];
  private size = 0;

  get count(): number {
    return this.size;
  }

  /** All paths of a queue have the same length. */
  push([group, ...rest]: readonly string[], item: T): void {
    this.size++;
    if (group === undefined) {
      this.own.push(item);
      return;
    }
    const turns = this.groups.get(group) ?? new Turns<T>();
    this.groups.set(group, turns);
    turns.push(rest, item);
  }

  take(): T | undefined {
    if (this.size > 0) this.size--;
    for (const [group, turns] of this.groups) {
      const item = turns.take();
      // Its next turn comes behind those of all others.
      this.groups.delete(group);
      if (turns.count > 0) this.groups.set(group, turns);
      return item;
    }
    return this.own.shift();
  }

  /** Drops the others; who is next stays next. */
  keep(isKept: (item: T) => boolean): void {
    this.own = this.own.filter(isKept);
    this.size = this.own.length;
    for (const [group, turns] of this.groups) {
      turns.keep(isKept);
      this.size += turns.count;
      if (turns.count === 0) this.groups.delete(group);
    }
  }
}

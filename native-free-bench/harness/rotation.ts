// The order in which a comparison goes through what it compares: there and back in each round, so that whatever else the
// machine does meets all alike.

export interface Rotation {
  readonly rounds: number;
  /** False: one way only. For a quick look. */
  readonly isThereAndBack: boolean;
}

/** Calls `run` for each item in turn, one after the other, until it is asked to stop. */
export async function rotate<Item>(
  items: readonly Item[],
  { rounds, isThereAndBack }: Rotation,
  run: (item: Item) => Promise<void>,
  isStopped: () => boolean = () => false,
): Promise<void> {
  const round = isThereAndBack ? [...items, ...items.toReversed()] : items;
  for (let index = 0; index < rounds * round.length && !isStopped(); index++) {
    const item = round[index % round.length];
    if (item !== undefined) await run(item);
  }
}

/** The lane that owns an account: the same one whatever else is configured. FNV-1a over the name. */
export function laneOf(account: string, laneCount: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < account.length; index++) {
    hash = Math.imul(hash ^ account.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (hash % laneCount) | 0; // a small integer: the remainder of a large one may be a double
}

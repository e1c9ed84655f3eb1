/** Each name with its index. New ones go to the end of their list. */
export const numbered = <const Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;

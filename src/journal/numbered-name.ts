// File names with a number in them, such as segment-000001.journal.

const DIGITS = 6;

export interface NumberedName {
  of(number: number): string;
  /** The numbers of those names that are of this kind, rising. */
  among(names: readonly string[]): number[];
}

export function numberedName(start: string, end: string): NumberedName {
  const of = (number: number): string => `${start}${String(number).padStart(DIGITS, "0")}${end}`;
  return {
    of,
    among: (names) =>
      names
        .filter((name) => name.startsWith(start) && name.endsWith(end))
        .map((name) => Number(name.slice(start.length, -end.length)))
        // A stranger's name, such as a copy with a word in it, is not ours to read.
        .filter((number) => Number.isInteger(number) && number > 0 && names.includes(of(number)))
        .sort((one, other) => one - other),
  };
}

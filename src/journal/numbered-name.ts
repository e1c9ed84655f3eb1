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
    among: (names) => {
      const numbers = names.map((name) => Number(name.slice(start.length, -end.length)));
      // A stranger's name, such as a copy with a word in it or with fewer zeros, is not ours to read.
      const isOurs = (number: number, index: number): boolean =>
        Number.isSafeInteger(number) && number > 0 && of(number) === names[index];
      return numbers.filter(isOurs).sort((one, other) => one - other);
    },
  };
}

// Ids of trading sessions: the trading date and one or two letters, counting from A within a date.

const LETTERS = 26;
const FIRST_LETTER = "A".charCodeAt(0);
/** One letter, or two. */
export const SESSIONS_OF_DATE_MAX = LETTERS + LETTERS * LETTERS;
const SESSION_ID = /^(\d{8})([A-Z]{1,2})$/;

/** The first id of that date, "YYYYMMDD", that is behind all of those which exist. Undefined: ZZ is used. */
export function nextSessionId(date: string, existing: readonly string[]): string | undefined {
  let latest = -1;
  for (const name of existing) {
    const [, itsDate, letters] = SESSION_ID.exec(name) ?? [];
    if (itsDate === date && letters !== undefined) latest = Math.max(latest, numberOf(letters));
  }
  const next = latest + 1;
  return next < SESSIONS_OF_DATE_MAX ? date + lettersOf(next) : undefined;
}

/** As nextSessionId() makes them: nobody else gives a folder such a name by chance. */
export const isSessionId = (name: string): boolean => SESSION_ID.test(name);

/** A … Z, then AA … ZZ. */
const numberOf = (letters: string): number =>
  [...letters].reduce(
    (sum, letter) => (sum + 1) * LETTERS + letter.charCodeAt(0) - FIRST_LETTER,
    -1,
  );

function lettersOf(number: number): string {
  const last = String.fromCharCode(FIRST_LETTER + (number % LETTERS));
  if (number < LETTERS) return last;
  return lettersOf(Math.floor(number / LETTERS) - 1) + last;
}

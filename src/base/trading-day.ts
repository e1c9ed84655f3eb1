// Trading dates and their midnights in a time zone, whatever daylight saving time does that day. Off the path:
// at start and at the roll.

/** Order references count from here (semantics §1.2): there is no trading date before it. */
export const EARLIEST_MIDNIGHT_UTC_MS = Date.UTC(2020, 0, 1);
/** And their 41 bits of milliseconds end within this year. */
export const LATEST_MS = Date.UTC(2089, 0, 1);

/** A session can be begun then, in milliseconds since 1970. */
export const isTradingTime = (epochMs: number): boolean =>
  epochMs >= EARLIEST_MIDNIGHT_UTC_MS && epochMs < LATEST_MS;

/** "YYYYMMDD": the date on the calendar of `timeZone` at that moment. */
export function tradingDate(epochMs: number, timeZone: string): string {
  return dateIn(formatOf(timeZone), epochMs);
}

const LONGEST_DAY_MS = 50 * 3_600_000; // a date can be lived through twice, at the date line

/** The first moment of the date on which `epochMs` falls: 00:00, or what follows where clocks skip it. */
export function midnightUtcMs(epochMs: number, timeZone: string): number {
  const format = formatOf(timeZone);
  const date = dateIn(format, epochMs);
  // Dates rise with time: halve the stretch that must hold the change to ours.
  let before = epochMs - LONGEST_DAY_MS;
  let within = epochMs;
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (dateIn(format, middle) < date) before = middle;
    else within = middle;
  }
  return within;
}

const formatOf = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });

function dateIn(format: Intl.DateTimeFormat, epochMs: number): string {
  const parts = format.formatToParts(epochMs);
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? "";
  return part("year") + part("month") + part("day");
}

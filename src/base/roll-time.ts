// When a trading day ends: the next moment at which the clocks of a time zone show a time of day, whatever daylight
// saving time does that day. Off the path: at start and at the roll.

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * The first moment after `afterMs` at which it is `rollAt` ("HH:MM") in `timeZone`. On a day that skips that time, the
 * moment at which clocks jump over it; on one that has it twice, the first of the two.
 */
export function nextRollMs(afterMs: number, rollAt: string, timeZone: string): number {
  const localMs = localClock(timeZone);
  const [hour = 0, minute = 0] = rollAt.split(":").map(Number);
  const date = Math.floor(localMs(afterMs) / DAY_MS) * DAY_MS;
  const rollOfDay = hour * HOUR_MS + minute * MINUTE_MS;
  // The date may be lived through twice, at the date line: the day before may be still to come.
  for (let day = -1; ; day++) {
    const rollMs = firstMoment(localMs, date + day * DAY_MS + rollOfDay);
    if (rollMs > afterMs) return rollMs;
  }
}

/** What clocks show at a moment, as the moment at which clocks in UTC show the same. */
type LocalClock = (epochMs: number) => number;

/** The first moment at which clocks show `wantedMs` or more. */
function firstMoment(localMs: LocalClock, wantedMs: number): number {
  // No zone is further than a day from UTC.
  let before = wantedMs - DAY_MS;
  let latest = wantedMs + DAY_MS;
  // Clocks that go back show a time twice, so that halving could find the second one: whole stretches first.
  for (let at = before; at < latest; at += HOUR_MS / 2) {
    if (localMs(at) < wantedMs) before = Math.max(before, at);
    else latest = at;
  }
  while (latest - before > 1) {
    const middle = Math.floor((before + latest) / 2);
    if (localMs(middle) < wantedMs) before = middle;
    else latest = middle;
  }
  return latest;
}

function localClock(timeZone: string): LocalClock {
  const format = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return (epochMs) => {
    const parts = format.formatToParts(epochMs);
    const field = (type: string): number =>
      Number(parts.find((found) => found.type === type)?.value ?? 0);
    return Date.UTC(
      field("year"),
      field("month") - 1,
      field("day"),
      field("hour"),
      field("minute"),
      field("second"),
    );
  };
}

// How the tools write for people: aligned columns, times in a unit that can be read.

/** A time in the unit that suits it, e.g. "118 µs", "2.21 ms"; "–" when it is not known. */
export function timeText(ns: number | null): string {
  if (ns === null) return "–";
  if (ns < 999_500) return `${(ns / 1e3).toFixed(0)} µs`;
  if (ns < 9_995_000) return `${(ns / 1e6).toFixed(2)} ms`;
  if (ns < 999_500_000) return `${(ns / 1e6).toFixed(1)} ms`;
  return `${(ns / 1e9).toFixed(2)} s`;
}

/** 1234567 → "1,234,567". */
export const countText = (count: number): string => Math.round(count).toLocaleString("en-US");

/** 1536 → "1.5 KiB". */
export function byteText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export interface Column {
  readonly title: string;
  readonly width: number;
}

/** One line of right-aligned cells; with no cells, the titles. */
export function tableLine(columns: readonly Column[], cells?: readonly string[]): string {
  return columns
    .map((column, index) => (cells?.[index] ?? column.title).padStart(column.width))
    .join("  ");
}

// Options of the scenarios: numbers by name, each with what it is without being asked for.

import { parseOnce } from "../../src/tools/parse-once.ts";

/** Throws for what is no option, or no number. */
export function numberOptions<Name extends string>(
  args: readonly string[],
  defaults: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const names = Object.keys(defaults) as Name[];
  const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const { values } = parseOnce({ args: [...args], options });
  const entries = names.map((name) => {
    const text = values[name];
    const number = text === undefined ? defaults[name] : Number(text);
    if (Number.isFinite(number) && number >= 0) return [name, number];
    throw new Error(`--${name} is a number, not "${text}"`);
  });
  return Object.fromEntries(entries);
}

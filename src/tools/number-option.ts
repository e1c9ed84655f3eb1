// Options of tools that are numbers.

/** Throws for anything else, with a line that names the option. Both ends belong to the range. */
export function numberOption(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= min && number <= max) return number;
  throw new Error(`--${name} is a number from ${min} to ${max}, not "${text}"`);
}

/** Likewise, without a fraction. */
export function wholeOption(name: string, text: string, min: number, max: number): number {
  const number = numberOption(name, text, min, max);
  if (Number.isInteger(number)) return number;
  throw new Error(`--${name} is a whole number, not "${text}"`);
}

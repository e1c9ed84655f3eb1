// The vocabulary in which config-rules.ts says what a value may be. A rule reports every problem it finds, each
// with its key path, and never throws.

import type { ConfigProblem } from "../base/fault.ts";

export interface Rule<T> {
  /** Completes "must be …". */
  readonly expects: string;
  /** The keys beneath, when the value is a record. */
  readonly fields?: Fields;
  check(value: unknown, path: string, problems: ConfigProblem[]): value is T;
}

export interface OptionalRule<T> extends Rule<T> {
  readonly isOptional: true;
}

type Fields = Readonly<Record<string, Rule<unknown>>>;

/** A rule for each key of T: a key without one does not compile, nor one that T does not have. */
export type RecordRules<T> = {
  readonly [Key in keyof T]-?: object extends Pick<T, Key>
    ? OptionalRule<Exclude<T[Key], undefined>>
    : Rule<T[Key]>;
};

/** A value that `accepts` decides on its own. */
export function plain<T>(expects: string, accepts: (value: unknown) => boolean): Rule<T> {
  return {
    expects,
    check(value, path, problems): value is T {
      if (accepts(value)) return true;
      problems.push({ path, reason: `is ${shown(value)}, must be ${expects}` });
      return false;
    },
  };
}

export const whole = (min: number, max: number): Rule<number> =>
  plain(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isSafeInteger(value) && isWithin(value, min, max),
  );

export const fraction = (min: number, max: number): Rule<number> =>
  plain(
    `a number from ${min} to ${max}`,
    (value) => typeof value === "number" && isWithin(value, min, max),
  );

export const powerOfTwo = (min: number, max: number): Rule<number> =>
  plain(
    `a power of two from ${min} to ${max}`,
    (value) =>
      Number.isSafeInteger(value) &&
      isWithin(value, min, max) &&
      Number.isInteger(Math.log2(Number(value))),
  );

export const flag: Rule<boolean> = plain("true or false", (value) => typeof value === "boolean");

export const text = (expects: string, pattern: RegExp): Rule<string> =>
  plain(expects, (value) => typeof value === "string" && pattern.test(value));

export const oneOf = <const T extends string>(...values: readonly T[]): Rule<T> =>
  plain(values.map((value) => `"${value}"`).join(" or "), (value) =>
    (values as readonly unknown[]).includes(value),
  );

/** The same rule, but what stands there is never shown. */
export function secret<T>(rule: Rule<T>): Rule<T> {
  return {
    ...rule,
    check(value, path, problems): value is T {
      if (rule.check(value, path, [])) return true;
      problems.push({ path, reason: `must be ${rule.expects}` });
      return false;
    },
  };
}

export function optional<T>(rule: Rule<T>): OptionalRule<T> {
  return { ...rule, isOptional: true };
}

/** Either of two. A problem further down is the second rule's own: the value was meant for it. */
export function either<A, B>(first: Rule<A>, second: Rule<B>): Rule<A | B> {
  const expects = `${first.expects} or ${second.expects}`;
  return {
    ...second,
    expects,
    check(value, path, problems): value is A | B {
      if (first.check(value, path, [])) return true;
      const found: ConfigProblem[] = [];
      if (second.check(value, path, found)) return true;
      for (const problem of found) {
        const isAtTop = problem.path === path;
        problems.push(
          isAtTop ? { path, reason: `is ${shown(value)}, must be ${expects}` } : problem,
        );
      }
      return false;
    },
  };
}

export const orNull = <T>(rule: Rule<T>): Rule<null | T> =>
  either(
    plain<null>("null", (value) => value === null),
    rule,
  );

export function listOf<T>(rule: Rule<T>, itemsMax: number): Rule<readonly T[]> {
  const expects = `a list of at most ${itemsMax}, each ${rule.expects}`;
  return {
    expects,
    check(value, path, problems): value is readonly T[] {
      if (!Array.isArray(value) || value.length > itemsMax) {
        const is = Array.isArray(value) ? `a list of ${value.length}` : shown(value);
        problems.push({ path, reason: `is ${is}, must be ${expects}` });
        return false;
      }
      const before = problems.length;
      for (const [index, item] of value.entries()) rule.check(item, `${path}.${index}`, problems);
      return problems.length === before;
    },
  };
}

/** Exactly these keys; the optional ones may be missing. */
export function record<T extends object>(expects: string, rules: RecordRules<T>): Rule<T> {
  return recordOf(expects, rules as unknown as Fields, false);
}

/** Any of these keys. */
export function partialRecord<T extends object>(
  expects: string,
  rules: RecordRules<T>,
): Rule<Partial<T>> {
  return recordOf(expects, rules as unknown as Fields, true);
}

function recordOf<T>(expects: string, fields: Fields, isPartial: boolean): Rule<T> {
  return {
    expects,
    fields,
    check(value, path, problems): value is T {
      if (!isRecord(value)) {
        problems.push({ path, reason: `is ${shown(value)}, must be ${expects}` });
        return false;
      }
      const before = problems.length;
      for (const key of Object.keys(value)) {
        if (Object.hasOwn(fields, key)) continue;
        const known = Object.keys(fields).join(", ");
        problems.push({ path: joinPath(path, key), reason: `is unknown; known here: ${known}` });
      }
      for (const [key, rule] of Object.entries(fields)) {
        if (Object.hasOwn(value, key)) rule.check(value[key], joinPath(path, key), problems);
        else if (!isPartial && !("isOptional" in rule)) {
          problems.push({
            path: joinPath(path, key),
            reason: `is missing, must be ${rule.expects}`,
          });
        }
      }
      return problems.length === before;
    },
  };
}

export const joinPath = (path: string, key: string): string =>
  path === "" ? key : `${path}.${key}`;

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isWithin = (value: unknown, min: number, max: number): boolean =>
  Number(value) >= min && Number(value) <= max;

const SHOWN_LENGTH_MAX = 40;

/** Records and lists are not shown: there may be passwords in them. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isRecord(value)) return "an object";
  const whole = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "undefined");
  return whole.length <= SHOWN_LENGTH_MAX ? whole : `${whole.slice(0, SHOWN_LENGTH_MAX)}…`;
}

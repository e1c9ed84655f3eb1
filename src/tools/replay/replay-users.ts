// Who the accounts of a capture are at the target, and the accounts that a gateway of our own must have for that.

import type { AccountEntry } from "../../config/gateway-config.ts";
import { type AccountRange, usersOf } from "../load-target.ts";
import type { AccountChoice } from "../replay-options.ts";
import type { PlannedAccount } from "./replay-plan.ts";
import type { ReplayUser } from "./replay-run.ts";

/** An account whose controls name no firm, and with it the firm of its orders. */
const FIRM = "RPLY";
const NAMELESS_PREFIX = "R";
const NAMELESS_DIGITS = 5;

export interface UserOptions {
  readonly choices: readonly AccountChoice[];
  readonly range: AccountRange | undefined;
  readonly password: string;
  /** False: the target is ours, and whoever has no name gets one. */
  readonly isGiven: boolean;
}

/** By the account's name in the capture. Throws with a line that says what to do. */
export function chooseUsers(
  accounts: readonly PlannedAccount[],
  { choices, range, password, isGiven }: UserOptions,
): Map<string, ReplayUser> {
  const names = accounts.map(({ captured }) => captured.name);
  const unknown = choices.find(({ name }) => !names.includes(name));
  if (unknown !== undefined) {
    const some = names.slice(0, 8).join(", ");
    throw new Error(`--account ${unknown.name}: the capture has no such account, but ${some}`);
  }
  const rest = range === undefined ? [] : usersOf(range);
  const users = new Map<string, ReplayUser>();
  const taken = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const choice = choices.find((other) => other.name === name);
    let user = choice?.user ?? name;
    if (choice === undefined && range !== undefined) {
      const next = rest.shift();
      if (next === undefined) {
        throw new Error(`--accounts has ${range.count} accounts, the capture ${names.length}`);
      }
      user = next;
    } else if (user.startsWith("#")) {
      if (isGiven) {
        throw new Error(
          `connection ${user} has no login in the capture: say whose it is, --account ${user}=NAME`,
        );
      }
      user = NAMELESS_PREFIX + String(index).padStart(NAMELESS_DIGITS, "0");
    }
    const other = taken.get(user);
    if (other !== undefined) throw new Error(`${other} and ${name} would both be ${user}`);
    taken.set(user, name);
    users.set(name, { user, password: choice?.password ?? password });
  }
  return users;
}

/** The accounts section of a gateway for these users: names with running digits as a range, so that it stays short. */
export function accountEntries(
  accounts: readonly PlannedAccount[],
  users: ReadonlyMap<string, ReplayUser>,
): AccountEntry[] {
  const entries = new Map<string, AccountEntry>();
  for (const { captured } of accounts) {
    const chosen = users.get(captured.name);
    if (chosen === undefined) continue;
    const { user, password } = chosen;
    const firm = captured.firm || FIRM;
    const [, prefix, digits] = /^([A-Z]{1,5})(\d+)$/.exec(user.length === 6 ? user : "") ?? [];
    if (prefix === undefined || digits === undefined) {
      entries.set(user, { user, password, firm, firms: "*" });
      continue;
    }
    const before = entries.get(prefix);
    const count = before !== undefined && "count" in before ? before.count : 0;
    const least = Math.max(count, Number(digits) + 1);
    entries.set(prefix, { prefix, count: least, password, firm, firms: "*" });
  }
  return [...entries.values()];
}

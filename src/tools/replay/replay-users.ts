// Who the accounts of a capture are at the target, and the accounts that a gateway of our own must have for that.

import type { AccountEntry } from "../../config/gateway-config.ts";
import { USER_NAME_BYTES } from "../../protocol/soupbintcp/login-request.ts";
import { type AccountRange, usersOf } from "../load-target.ts";
import type { AccountChoice } from "../replay-options.ts";
import type { PlannedAccount } from "./replay-plan.ts";
import type { ReplayUser } from "./replay-settings.ts";

/** An account whose controls name no firm, and with it the firm of its orders. */
const FIRM = "RPLY";
const NAMELESS_PREFIX = "R";
const NAMELESS_DIGITS = 5;
/** What a gateway of our own takes; other venues have other names, and clients may send any bytes. */
const OWN_NAME = /^[A-Z0-9]{1,6}$/;
/** As a range of accounts has them: six characters, the digits running. */
const RANGED_NAME = /^(?=.{6}$)([A-Z]{1,5})\d+$/;

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
    } else if (choice === undefined && !(isGiven ? isSendable(name) : OWN_NAME.test(name))) {
      if (isGiven) {
        const why = name.startsWith("#")
          ? `connection ${name} has no login in the capture`
          : `no user can be called ${name}, as a login of the capture says`;
        throw new Error(`${why}: say whose it is, --account ${name}=NAME`);
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

/** A name of the capture is "#" and a number, or longer than any, where it is not one that a login can have. */
const isSendable = (name: string): boolean =>
  !name.startsWith("#") && name.length <= USER_NAME_BYTES;

/** The accounts section of a gateway for these users: names with running digits as a range, so that it stays short. */
export function accountEntries(
  accounts: readonly PlannedAccount[],
  users: ReadonlyMap<string, ReplayUser>,
): AccountEntry[] {
  const groups = Map.groupBy(accounts, ({ captured }) => {
    const { user = "" } = users.get(captured.name) ?? {};
    return RANGED_NAME.exec(user)?.[1] ?? user;
  });
  return [...groups].flatMap(([prefix, members]): AccountEntry[] => {
    const named = members.map(({ captured }) => ({
      ...(users.get(captured.name) ?? { user: "", password: "" }),
      firm: captured.firm,
    }));
    const firms = new Set(named.map(({ firm }) => firm).filter((firm) => firm !== ""));
    const passwords = new Set(named.map(({ password }) => password));
    const isRange = named.every(({ user }) => RANGED_NAME.test(user));
    if (!isRange || firms.size > 1 || passwords.size > 1) {
      return named.map(({ user, password, firm }) => ({
        user,
        password,
        firm: firm || FIRM,
        firms: "*" as const,
      }));
    }
    const numbers = named.map(({ user }) => Number(user.slice(prefix.length)));
    const count = numbers.reduce((most, number) => Math.max(most, number + 1), 0);
    const [firm = FIRM] = firms;
    return [{ prefix, count, password: [...passwords][0] ?? "", firm, firms: "*" as const }];
  });
}

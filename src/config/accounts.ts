// Account entries made into single accounts. Names are folded to upper case: SoupBinTCP user names are
// case-insensitive.

import { ACCOUNT_NAME_LENGTH } from "./config-rules.ts";
import type { AccountEntry } from "./gateway-config.ts";

export interface Account {
  /** At most six characters, upper case. */
  readonly user: string;
  /** In the clear or hashed; accounts of one range share it. */
  readonly password: string;
  /** The account's own firm first. */
  readonly firms: readonly string[];
  readonly anyFirm: boolean;
}

export function* expandAccounts(entries: readonly AccountEntry[]): Generator<Account> {
  for (const entry of entries) {
    const anyFirm = entry.firms === "*";
    const others = entry.firms === "*" ? [] : (entry.firms ?? []);
    const firms = [entry.firm, ...others.filter((firm) => firm !== entry.firm)];
    for (const user of accountNames(entry)) {
      yield { user, password: entry.password, firms, anyFirm };
    }
  }
}

/** B and 3 make B00000, B00001, B00002. */
export function* accountNames(entry: AccountEntry): Generator<string> {
  if ("user" in entry) {
    yield entry.user.toUpperCase();
    return;
  }
  const digits = ACCOUNT_NAME_LENGTH - entry.prefix.length;
  for (let number = 0; number < entry.count; number++) {
    yield entry.prefix.toUpperCase() + String(number).padStart(digits, "0");
  }
}

/** How many accounts a range with this prefix can have at most. */
export const rangeCountMax = (prefix: string): number =>
  10 ** (ACCOUNT_NAME_LENGTH - prefix.length);

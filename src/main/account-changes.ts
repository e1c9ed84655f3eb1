// What the configuration says otherwise of the accounts than the open session has it (semantics §3.2). An account's firms
// come with its login: the restart has ended every login, so the next one brings the new ones. Main thread, at start.

import type { GateAccount, Log } from "../gate/gate-config.ts";
import { firmsText } from "../memory/firms-text.ts";
import type { LaneRecovered } from "../memory/lane-worker-data.ts";

/** A range may have thousands, and they change together. */
const NAMES_MAX = 8;

export function tellAccountChanges(
  { lane, accountsByFirms }: LaneRecovered,
  /** Among those that may log in. */
  find: (user: string) => GateAccount | undefined,
  log: Pick<Log, "warn">,
): void {
  const changed: string[] = [];
  const gone: string[] = [];
  for (const [firms, users] of accountsByFirms) {
    for (const user of users) {
      const account = find(user);
      if (account === undefined) gone.push(user);
      else if (firmsText(account.firms, account.anyFirm) !== firms) changed.push(user);
    }
  }
  const tell = (users: readonly string[], what: string, effect: string): void => {
    if (users.length === 0) return;
    log.warn("config-changed", { lane, key: "accounts", accounts: listed(users), what, effect });
  };
  tell(changed, "other firms", "with the next login of each");
  tell(
    gone,
    "not in the configuration, or suspended",
    "now: nobody logs in, and their orders stay",
  );
}

function listed(users: readonly string[]): string {
  const more = users.length - NAMES_MAX;
  const names = users.slice(0, NAMES_MAX).join(", ");
  return more > 0 ? `${names} and ${more} more` : names;
}

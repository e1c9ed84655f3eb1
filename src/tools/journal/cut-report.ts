// What a cut costs, written down: for the operator who has to call clients, and for programs.

import { countText } from "../terminal-text.ts";
import { type CutPlan, cutFile } from "./cut-plan.ts";
import { problemText } from "./journal-problem.ts";

const ACCOUNT_WIDTH = 6;

export function cutReportText(plan: CutPlan, askedFor: number): string {
  const { place, cut, problem, keptUntil, recordsFollowed, recordsSalvaged, accounts } = plan;
  const lines = [
    `session ${place.session}, lane ${place.lane}: records from ${cut.record} on are cut off`,
    `  at ${cut.offset} of ${cutFile(place, cut)}`,
  ];
  if (askedFor !== cut.record) {
    lines.push(`  (record ${askedFor} stands within a batch: the cut is at its beginning)`);
  }
  lines.push(
    cut.record === 1
      ? "  nothing stays"
      : `  records 1 to ${cut.record - 1} stay, the last of ${keptUntil}`,
  );
  if (problem !== undefined) lines.push(`  the damage: ${problemText(problem)}`);
  const salvaged = recordsSalvaged === 0 ? "" : `, and ${countText(recordsSalvaged)} behind damage`;
  lines.push(`  of what is lost, ${countText(recordsFollowed)} records can be read${salvaged}`);
  if (plan.answersUntil !== "") {
    lines.push(`  answers behind the cut are known only until: ${plan.answersUntil}`);
  }
  const hit = accounts.filter(isHit);
  const others = accounts.filter((loss) => !isHit(loss));
  lines.push(
    "",
    hit.length === 0 ? "No account is known to lose anything." : "Accounts that lose:",
  );
  for (const { account, nextSequence, messagesLost, requestsLost } of hit) {
    const name = account.padEnd(ACCOUNT_WIDTH);
    const requests = `${countText(requestsLost)} of its requests are gone`;
    const known = `${countText(messagesLost)} of them known`;
    lines.push(`  ${name}  messages from ${nextSequence} on (${known}); ${requests}`);
  }
  if (plan.requestsOfUnknown > 0) {
    lines.push(
      `  and ${countText(plan.requestsOfUnknown)} requests of accounts that nobody can tell`,
    );
  }
  if (others.length > 0) {
    lines.push("", "Of the others nothing is known to be lost. Should one hold a message of this");
    lines.push("number or a higher one, it was lost as well:");
    for (const { account, nextSequence } of others) {
      lines.push(`  ${account.padEnd(ACCOUNT_WIDTH)}  ${nextSequence}`);
    }
  }
  return lines.join("\n");
}

export function cutReportJson(plan: CutPlan, askedFor: number): object {
  const { place, cut, problem, keptUntil, accounts } = plan;
  return {
    session: place.session,
    lane: place.lane,
    askedFor,
    cutAt: cut.record,
    file: cutFile(place, cut),
    offset: cut.offset,
    keptUntil,
    ...(problem === undefined ? {} : { problem }),
    recordsFollowed: plan.recordsFollowed,
    recordsSalvaged: plan.recordsSalvaged,
    answersUntil: plan.answersUntil,
    requestsOfUnknown: plan.requestsOfUnknown,
    accounts,
  };
}

const isHit = ({ messagesLost, requestsLost }: CutPlan["accounts"][number]): boolean =>
  messagesLost + requestsLost > 0;

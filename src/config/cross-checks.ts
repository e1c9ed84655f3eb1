// What keys of the configuration ask of each other. A check runs only if every key that it reads is right by
// itself, so that one mistake is reported once and does not hide another.

import { join } from "node:path";
import type { ConfigProblem } from "../base/fault.ts";
import { accountNames, rangeCountMax } from "./accounts.ts";
import { ACCOUNTS_MAX } from "./config-rules.ts";
import type { AccountEntry, GatewayConfig } from "./gateway-config.ts";
import { isHashed } from "./password-hash.ts";

interface CrossCheck {
  readonly reads: readonly string[];
  find(config: GatewayConfig): Iterable<ConfigProblem>;
}

/** What the kernel takes as the path of a Unix socket (E41). */
const SOCKET_PATH_BYTES_MAX = 107;
/** As the gate has it. */
export const SEND_BUFFER_BYTES = 4096;

const CROSS_CHECKS: readonly CrossCheck[] = [
  { reads: ["session.idleTimeoutMs", "session.heartbeatIntervalMs"], find: findIdleTooShort },
  { reads: ["session.windowBytes", "listen.sendBuffersMax"], find: findBuffersTooFew },
  { reads: ["listen.host", "listen.port", "admin.host", "admin.port"], find: findPortTwice },
  { reads: ["lanes.count", "lanes.thread"], find: findLanesOnOneThread },
  { reads: ["lanes.count", "venue.kind"], find: findBookInSeveralLanes },
  { reads: ["lanes.count", "risk.collarPercent"], find: findCollarInSeveralLanes },
  { reads: ["lanes.count", "risk.symbolRate"], find: findSymbolRateInSeveralLanes },
  { reads: ["venue.instruments", "venue.instrumentsMax"], find: findInstrumentsTooMany },
  { reads: ["venue.instruments"], find: findSymbolsTwice },
  { reads: ["control.socket", "journal.dir"], find: findSocketPathTooLong },
  { reads: ["listen.host", "accounts"], find: findClearPasswordsInPublic },
  { reads: ["accounts"], find: findAccountsTwice },
];

/** Adds to the problems what the keys that are right by themselves do wrong together. */
export function crossCheck(merged: unknown, problems: ConfigProblem[]): void {
  const badPaths = problems.map((problem) => problem.path);
  for (const { reads, find } of CROSS_CHECKS) {
    if (reads.some((path) => badPaths.some((badPath) => isRelated(path, badPath)))) continue;
    // The rules found nothing wrong with the keys that this check reads.
    problems.push(...find(merged as GatewayConfig));
  }
}

/** The same key, one above or one beneath it. */
const isRelated = (path: string, other: string): boolean =>
  path === other || path.startsWith(`${other}.`) || other.startsWith(`${path}.`) || other === "";

/** Where the control socket is: beside the journal, unless the configuration names another place. */
export const controlSocketPath = (config: GatewayConfig): string =>
  config.control.socket ?? join(config.journal.dir, "control.sock");

/** The only lane lives on the gate's thread (0021): but one that waits for the disk would keep the sockets waiting, too. */
export function hasResidentLane({ lanes, journal }: GatewayConfig): boolean {
  if (lanes.thread !== "auto") return lanes.thread === "gate";
  return lanes.count === 1 && lanes.spinNs === 0 && journal.durability !== "power-loss";
}

/** Loopback is what makes a configuration a demo: passwords may stand in the clear there. */
export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);

function* findLanesOnOneThread({ lanes }: GatewayConfig): Iterable<ConfigProblem> {
  if (lanes.count === 1 || lanes.thread !== "gate") return;
  yield {
    path: "lanes.thread",
    reason: `is "gate", must be "auto" or "own" with ${lanes.count} lanes: only a single one can live on the gate's thread`,
  };
}

function* findIdleTooShort({ session }: GatewayConfig): Iterable<ConfigProblem> {
  if (session.idleTimeoutMs > session.heartbeatIntervalMs) return;
  yield {
    path: "session.idleTimeoutMs",
    reason: `is ${session.idleTimeoutMs}, must be above session.heartbeatIntervalMs (${session.heartbeatIntervalMs})`,
  };
}

function* findPortTwice({ listen, admin }: GatewayConfig): Iterable<ConfigProblem> {
  const isShared =
    listen.host === admin.host || isAnyAddress(listen.host) || isAnyAddress(admin.host);
  if (listen.port === 0 || listen.port !== admin.port || !isShared) return;
  yield { path: "admin.port", reason: `is ${admin.port}, which is listen.port` };
}

const isAnyAddress = (host: string): boolean => host === "0.0.0.0" || host === "::";

function* findBuffersTooFew({ session, listen }: GatewayConfig): Iterable<ConfigProblem> {
  const needed = Math.ceil(session.windowBytes / SEND_BUFFER_BYTES) + 1;
  if (listen.sendBuffersMax >= needed) return;
  yield {
    path: "listen.sendBuffersMax",
    reason: `is ${listen.sendBuffersMax}, must be at least ${needed} to hold one session.windowBytes`,
  };
}

function* findBookInSeveralLanes({ lanes, venue }: GatewayConfig): Iterable<ConfigProblem> {
  if (lanes.count === 1 || venue.kind !== "book") return;
  yield {
    path: "lanes.count",
    reason: `is ${lanes.count}, must be 1 with venue.kind "book": orders in different lanes would not meet`,
  };
}

function* findCollarInSeveralLanes({ lanes, risk }: GatewayConfig): Iterable<ConfigProblem> {
  if (lanes.count === 1 || risk.collarPercent === null) return;
  yield {
    path: "risk.collarPercent",
    reason: "must be null with more than one lane: no lane sees every trade",
  };
}

function* findSymbolRateInSeveralLanes({ lanes, risk }: GatewayConfig): Iterable<ConfigProblem> {
  if (lanes.count === 1 || risk.symbolRate === null) return;
  yield {
    path: "risk.symbolRate",
    reason: "must be null with more than one lane: no lane sees every order",
  };
}

function* findInstrumentsTooMany({ venue }: GatewayConfig): Iterable<ConfigProblem> {
  if (venue.instruments === "*" || venue.instruments.length <= venue.instrumentsMax) return;
  yield {
    path: "venue.instrumentsMax",
    reason: `is ${venue.instrumentsMax}, must be at least the ${venue.instruments.length} of venue.instruments`,
  };
}

function* findSymbolsTwice({ venue }: GatewayConfig): Iterable<ConfigProblem> {
  if (venue.instruments === "*") return;
  const seen = new Set<string>();
  for (const [index, { symbol }] of venue.instruments.entries()) {
    if (seen.has(symbol)) {
      yield { path: `venue.instruments.${index}.symbol`, reason: `"${symbol}" stands there twice` };
    }
    seen.add(symbol);
  }
}

function* findSocketPathTooLong(config: GatewayConfig): Iterable<ConfigProblem> {
  const bytes = Buffer.byteLength(controlSocketPath(config));
  if (bytes <= SOCKET_PATH_BYTES_MAX) return;
  const isDerived = config.control.socket === null;
  yield {
    path: "control.socket",
    reason:
      `is ${bytes} bytes long${isDerived ? " (control.sock in journal.dir)" : ""}, ` +
      `must be at most ${SOCKET_PATH_BYTES_MAX}: Unix sockets take no longer path`,
  };
}

function* findClearPasswordsInPublic(config: GatewayConfig): Iterable<ConfigProblem> {
  if (isLoopback(config.listen.host)) return;
  for (const [index, { password }] of config.accounts.entries()) {
    if (isHashed(password)) continue;
    yield {
      path: `accounts.${index}.password`,
      reason: `is in the clear, must be hashed unless listen.host is loopback (npm run hash-password)`,
    };
  }
}

function* findAccountsTwice({ accounts }: GatewayConfig): Iterable<ConfigProblem> {
  const owners = new Map<string, number>();
  for (const [index, entry] of accounts.entries()) {
    const path = `accounts.${index}`;
    if ("count" in entry && entry.count > rangeCountMax(entry.prefix)) {
      const countMax = rangeCountMax(entry.prefix);
      yield {
        path: `${path}.count`,
        reason: `is ${entry.count}, must be at most ${countMax}: names have six characters`,
      };
      continue;
    }
    const problem = claimNames(entry, index, owners);
    if (problem !== undefined) yield { path, reason: problem };
    if (owners.size > ACCOUNTS_MAX) {
      yield { path: "accounts", reason: `makes more than ${ACCOUNTS_MAX} accounts` };
      return;
    }
  }
}

/** The first name of the entry that another has already, said once: a range may clash many times. */
function claimNames(
  entry: AccountEntry,
  index: number,
  owners: Map<string, number>,
): string | undefined {
  let problem: string | undefined;
  for (const name of accountNames(entry)) {
    const owner = owners.get(name);
    if (owner === undefined) owners.set(name, index);
    else problem ??= `makes ${name}, which accounts.${owner} makes already`;
  }
  return problem;
}

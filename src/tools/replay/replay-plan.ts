// What a replay sends: for each connection the bytes of its client, cut where they were cut, without what is the
// session's own business; and one time line of all connections' steps. Made once; a replay may go over it many times.
//
// So that numbers are known and silence can be told from loss, a connection's requests begin with an Account Query for
// each channel that it uses and end with one. Those that the capture has already serve; what is lacking is added.
// Where the gateway ended the account's connection before, nobody knows how much of that it had read, and what it answers
// to it may come on this one. So the first query here is on a channel on which no answer can be meant for that one.
// Therefore a replay of what a replay sent adds nothing.

import { CLOSED_BY } from "../../capture/capture-record.ts";
import {
  CLIENT_HEARTBEAT,
  CLIENT_LOGIN_REQUEST,
  CLIENT_LOGOUT,
} from "../../protocol/soupbintcp/packet-type.ts";
import { CapturedAccount } from "./captured-account.ts";
import type { CapturedConnection, CapturedPacket } from "./captured-connection.ts";
import type { CapturedTraffic } from "./captured-traffic.ts";
import { NOWHERE } from "./number-map.ts";
import { OUTCOME } from "./outcome.ts";
import { ASKED, SPARE_BYTES } from "./request-reader.ts";
import type { SentRequest } from "./request-table.ts";

/** How a connection ends once its last query is answered. SERVER: by a logout, if the gateway has not closed before. */
export const ENDING = { LOGOUT: 0, CLIENT_FIN: 1, CLIENT_CLOSE: 2, SERVER: 3 } as const;

/** Of the queries that a replay asks of its own accord. */
export const FENCE_CHANNEL = 0;
const CHANNEL_MAX = 255;
const NO_CHANNELS: ReadonlySet<number> = new Set();

export interface PlannedQuery {
  readonly request: number;
  readonly channel: number;
}

export interface PlannedAccount {
  readonly captured: CapturedAccount;
  /** With the queries that were added. */
  requestCount: number;
}

export interface PlannedConnection {
  readonly id: number;
  readonly account: PlannedAccount;
  /** The account's connection before: it was over before this one logged in, or is taken over by it. */
  readonly predecessor: PlannedConnection | undefined;
  /** Sent right after the login; what follows waits for their answers. */
  readonly prelude: readonly PlannedQuery[];
  /** What the connection sends then, with spare bytes behind it; a replay writes its numbers there. */
  readonly stream: Buffer;
  readonly view: DataView;
  /** Of each chunk: where it ends in the stream, and when it came. */
  readonly chunkEnds: readonly number[];
  readonly chunkAtNs: readonly number[];
  /** Whole packets of the stream; those without a request have NOWHERE. */
  readonly packets: readonly CapturedPacket[];
  /** A query of its own for the end: added when its requests do not end with one, or are broken off. */
  readonly fence: number;
  readonly isFenceAdded: boolean;
  /** On which its queries behind the prelude are. */
  readonly queriedChannels: ReadonlySet<number>;
  readonly ending: number;
  /** The account logs in once more. */
  readonly isFollowed: boolean;
  /** It does so before its client has ended this one: that is left to the gateway. */
  readonly isTakenOver: boolean;
  /** So many of its packets must have been sent before a close by the gateway is as captured. */
  readonly packetsAnswered: number;
}

/** One step of one connection: its login, each of its chunks, its end. Steps of a connection follow each other. */
export interface PlannedStep {
  readonly connection: number;
  readonly atNs: number;
}

export interface ReplayPlan {
  readonly accounts: readonly PlannedAccount[];
  readonly connections: readonly PlannedConnection[];
  /** In the order of time. */
  readonly steps: readonly PlannedStep[];
  /** Where the time line begins: the first request that is more than a query. Earlier steps come before it. */
  readonly startsAtNs: number;
  /** The last chunk. */
  readonly endsAtNs: number;
  /** Connections that were left out altogether. */
  readonly leftOut: number;
}

/** Throws when there is nothing to be sent. */
export function planReplay(traffic: CapturedTraffic): ReplayPlan {
  const accounts = new Map<string, PlannedAccount>();
  const connections: PlannedConnection[] = [];
  const steps: PlannedStep[] = [];
  let startsAtNs = Number.POSITIVE_INFINITY;
  let endsAtNs = Number.NEGATIVE_INFINITY;
  const before = new Map<PlannedAccount, PlannedConnection>();
  const known = new Map<PlannedAccount, Set<number>>();
  const opened = traffic.connections
    .filter(({ account, isRefused, packets }) => account && !isRefused && packets.length > 0)
    .toSorted((a, b) => a.loginAtNs - b.loginAtNs);
  const successors = successorsOf(opened);
  for (const captured of opened) {
    const account = accounts.get(captured.account) ?? plannedAccount(traffic, captured.account);
    accounts.set(captured.account, account);
    const channels = known.get(account) ?? new Set();
    known.set(account, channels);
    const { planned, endsAtNs: endAtNs } = planConnection(
      captured,
      account,
      channels,
      before.get(account),
      successors.get(captured),
    );
    before.set(account, planned);
    const place = connections.push(planned) - 1;
    let atNs = captured.loginAtNs;
    for (const stepAtNs of [atNs, ...planned.chunkAtNs, endAtNs]) {
      atNs = Math.max(atNs, stepAtNs);
      steps.push({ connection: place, atNs });
    }
    startsAtNs = Math.min(startsAtNs, firstAtNs(planned));
    endsAtNs = Math.max(endsAtNs, planned.chunkAtNs.at(-1) ?? endsAtNs);
  }
  if (startsAtNs === Number.POSITIVE_INFINITY) {
    throw new Error("the capture has no request of a client that could be sent again");
  }
  return {
    accounts: [...accounts.values()],
    connections,
    steps: steps.toSorted((a, b) => a.atNs - b.atNs),
    startsAtNs,
    endsAtNs,
    leftOut: traffic.connections.length - connections.length,
  };
}

/** The next connection of the same account. */
function successorsOf(
  opened: readonly CapturedConnection[],
): Map<CapturedConnection, CapturedConnection> {
  const latest = new Map<string, CapturedConnection>();
  const successors = new Map<CapturedConnection, CapturedConnection>();
  for (const connection of opened) {
    const before = latest.get(connection.account);
    if (before !== undefined) successors.set(before, connection);
    latest.set(connection.account, connection);
  }
  return successors;
}

function plannedAccount(traffic: CapturedTraffic, name: string): PlannedAccount {
  const captured = traffic.accounts.get(name) ?? new CapturedAccount(name);
  return { captured, requestCount: captured.requests.length };
}

/** When the first request that is more than a query was sent. */
function firstAtNs(planned: PlannedConnection): number {
  const { packets, account, chunkEnds, chunkAtNs } = planned;
  const first = packets.find(
    ({ request }) =>
      request !== NOWHERE && account.captured.requests[request]?.asked !== ASKED.QUERY,
  );
  if (first === undefined) return Number.POSITIVE_INFINITY;
  return chunkAtNs[chunkEnds.findIndex((end) => end >= first.end)] ?? Number.POSITIVE_INFINITY;
}

interface PlannedTimes {
  readonly planned: PlannedConnection;
  /** When it is to end; Infinity: with everything. */
  readonly endsAtNs: number;
}

function planConnection(
  captured: CapturedConnection,
  account: PlannedAccount,
  known: Set<number>,
  predecessor: PlannedConnection | undefined,
  successor: CapturedConnection | undefined,
): PlannedTimes {
  const { requests, isKept } = account.captured;
  const kept = captured.packets.filter(
    ({ type, request }) =>
      type !== CLIENT_HEARTBEAT &&
      type !== CLIENT_LOGIN_REQUEST &&
      (request === NOWHERE || isKept[request] === true),
  );
  const logoutIndex = kept.findIndex(({ type }) => type === CLIENT_LOGOUT);
  const logout = kept[logoutIndex];
  const sent = logout === undefined ? kept : kept.slice(0, logoutIndex);

  const askedOf = ({ request }: CapturedPacket): number => requests[request]?.asked ?? NOWHERE;
  const firstOther = sent.findIndex((packet) => askedOf(packet) !== ASKED.QUERY);
  const leading = firstOther < 0 ? sent : sent.slice(0, firstOther);
  const prelude = leading.map(({ request }) => ({
    request,
    channel: requests[request]?.channel ?? 0,
  }));
  const inDoubt = channelsInDoubt(predecessor);
  if (inDoubt.has(prelude[0]?.channel ?? 0)) {
    prelude.unshift({ request: account.requestCount++, channel: highestBut(inDoubt) });
  }
  for (const { channel } of prelude) known.add(channel);
  for (const { request } of sent) {
    const used = requests[request];
    if (used === undefined || !(used.hasNumber || used.hasTarget)) continue;
    if (known.has(used.channel)) continue;
    known.add(used.channel);
    prelude.push({ request: account.requestCount++, channel: used.channel });
  }
  const body = sent.slice(leading.length);
  const hasRequests = sent.some(({ request }) => request !== NOWHERE);
  const lastRequest = sent.findLast(({ request }) => request !== NOWHERE);
  const isFenced = lastRequest === undefined || askedOf(lastRequest) === ASKED.QUERY;
  const { stream, packets, chunkEnds, chunkAtNs } = cutOut(captured, body);
  const endsAtNs = endOf(captured, logout);
  const followedAtNs = successor?.loginAtNs ?? Number.POSITIVE_INFINITY;
  const planned = {
    id: captured.id,
    account,
    predecessor,
    prelude,
    stream,
    view: new DataView(stream.buffer, stream.byteOffset, stream.byteLength),
    chunkEnds,
    chunkAtNs,
    packets,
    fence: account.requestCount++,
    isFenceAdded: hasRequests && !isFenced,
    queriedChannels: new Set([FENCE_CHANNEL, ...queriedBy(body, requests)]),
    ending: logout === undefined ? endingOf(captured) : ENDING.LOGOUT,
    isFollowed: successor !== undefined,
    isTakenOver: followedAtNs < endsAtNs,
    packetsAnswered: answeredCount(packets, account.captured.outcomes),
  };
  return { planned, endsAtNs };
}

/** Where answers may be outstanding that the gateway gives to the next connection, or to nobody. */
function channelsInDoubt(before: PlannedConnection | undefined): ReadonlySet<number> {
  const isEndedByGateway = before?.isTakenOver === true || before?.ending === ENDING.SERVER;
  return isEndedByGateway ? before.queriedChannels : NO_CHANNELS;
}

function queriedBy(body: readonly CapturedPacket[], requests: readonly SentRequest[]): number[] {
  const asked = body.flatMap(({ request }) => requests[request] ?? []);
  return asked.filter((each) => each.asked === ASKED.QUERY).map(({ channel }) => channel);
}

/** Clients count their channels from 0. */
function highestBut(channels: ReadonlySet<number>): number {
  let channel = CHANNEL_MAX;
  while (channel > FENCE_CHANNEL && channels.has(channel)) channel--;
  return channel;
}

/** The packets of `body` as a stream of their own, in the chunks in which they came. */
function cutOut(
  captured: CapturedConnection,
  body: readonly CapturedPacket[],
): Pick<PlannedConnection, "stream" | "packets" | "chunkEnds" | "chunkAtNs"> {
  const { bytes } = captured;
  const bodyBytes = body.reduce((sum, { start, end }) => sum + end - start, 0);
  const stream = Buffer.alloc(bodyBytes + SPARE_BYTES);
  const packets: CapturedPacket[] = [];
  const chunkEnds: number[] = [];
  const chunkAtNs: number[] = [];
  let used = 0;
  let next = 0;
  for (const [index, chunkEnd] of captured.chunkEnds.entries()) {
    const atNs = captured.chunkAtNs[index] ?? 0;
    const usedBefore = used;
    for (let packet = body[next]; packet !== undefined && packet.start < chunkEnd; ) {
      // A packet may have begun in an earlier chunk and may end in a later one.
      const done = packets.length > next ? used - (packets[next]?.start ?? 0) : 0;
      if (packets.length === next) {
        const length = packet.end - packet.start;
        packets.push({ ...packet, start: used, end: used + length });
      }
      const from = packet.start + done;
      const to = Math.min(packet.end, chunkEnd);
      bytes.copy(stream, used, from, to);
      used += to - from;
      if (to < packet.end) break;
      next++;
      packet = body[next];
    }
    if (used === usedBefore) continue;
    chunkEnds.push(used);
    chunkAtNs.push(atNs);
  }
  return { stream, packets, chunkEnds, chunkAtNs };
}

function endingOf({ closedBy, endedAtNs, closedAtNs }: CapturedConnection): number {
  if (closedBy === CLOSED_BY.SERVER) return ENDING.SERVER;
  if (endedAtNs !== Number.POSITIVE_INFINITY) return ENDING.CLIENT_FIN;
  if (closedAtNs === Number.POSITIVE_INFINITY) return ENDING.LOGOUT;
  return closedBy === CLOSED_BY.UNKNOWN ? ENDING.SERVER : ENDING.CLIENT_CLOSE;
}

/** Infinity: at the end of everything. */
function endOf(captured: CapturedConnection, logout: CapturedPacket | undefined): number {
  if (logout === undefined) return Math.min(captured.endedAtNs, captured.closedAtNs);
  const chunk = captured.chunkEnds.findIndex((end) => end >= logout.end);
  return captured.chunkAtNs[chunk] ?? Number.POSITIVE_INFINITY;
}

function answeredCount(packets: readonly CapturedPacket[], outcomes: Int32Array): number {
  const last = packets.findLastIndex(({ request }) => {
    const outcome = outcomes[request] ?? OUTCOME.UNKNOWN;
    return outcome !== OUTCOME.UNKNOWN && outcome !== OUTCOME.SILENT;
  });
  return last + 1;
}

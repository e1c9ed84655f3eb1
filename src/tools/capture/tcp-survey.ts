// What a packet capture has of TCP, before its streams are read: between whom, which end serves, and whether it is
// the protocol.

import type { PacketFile } from "./captured-packet.ts";
import { TCP_FLAG } from "./frame-layout.ts";
import { isPackets } from "./packet-walk.ts";
import { StreamSample } from "./stream-sample.ts";
import { endText, NO_SEGMENT, portOf, type TcpSegment, tcpSegmentOf } from "./tcp-segment.ts";
import { UnusableCapture } from "./unusable-capture.ts";

/** All connections between two ends; `a` is the lesser key. */
class Pair {
  readonly a: string;
  readonly b: string;
  server: string | undefined = undefined;
  isGuess = false;
  /** Segments with bytes, and how many of them are packets as `a` would send them as a client, or as a server. */
  full = 0;
  aIsClient = 0;
  aIsServer = 0;
  private readonly fromA = new StreamSample();
  private readonly fromB = new StreamSample();

  constructor(a: string, b: string) {
    this.a = a;
    this.b = b;
  }

  add(segment: TcpSegment): void {
    const { flags, source, target, payload } = segment;
    if ((flags & TCP_FLAG.SYN) !== 0) this.server ??= flags & TCP_FLAG.ACK ? source : target;
    if (payload.length === 0) return;
    this.full++;
    const isFromA = source === this.a;
    (isFromA ? this.fromA : this.fromB).add(segment);
    if (isPackets(payload, "in")) this[isFromA ? "aIsClient" : "aIsServer"]++;
    if (isPackets(payload, "out")) this[isFromA ? "aIsServer" : "aIsClient"]++;
  }

  /** Nothing follows: whose bytes go on from packet to packet may have cut them anywhere. */
  end(): void {
    const { fromA, fromB, full } = this;
    if (fromA.isOf("in") || fromB.isOf("out")) this.aIsClient += full;
    if (fromA.isOf("out") || fromB.isOf("in")) this.aIsServer += full;
  }
}

export const pairKey = ({ source, target }: TcpSegment): string =>
  source < target ? source + target : target + source;

/** Interfaces and cores do not agree to the last millisecond; beyond, somebody set the clock or put files together. */
const BACK_NS_MAX = 1e9;

/** Of an end's segments with bytes, at least one in so many begins with a packet, or it speaks something else. */
const PACKETS_ONE_IN = 50;

export class TcpSurvey {
  readonly problems: string[] = [];
  readonly notes: string[] = [];
  /** Where atNs is 0: whole seconds since 1970. */
  readonly baseSeconds: number;
  private readonly servers = new Map<string, string>();

  /**
   * Reads the whole file. `port`: only connections to that one of a server. Throws UnusableCapture when there is
   * nothing to be had.
   */
  constructor(path: string, packets: PacketFile, port: number | undefined) {
    const pairs = new Map<string, Pair>();
    const unused = new Map<string, number>();
    let count = 0;
    let baseSeconds = 0;
    let linkType = 0;
    let shortened = 0;
    let latestNs = 0;
    let backNs = 0;
    for (;;) {
      const packet = packets.next();
      if (packet === undefined) break;
      if (count++ === 0) baseSeconds = packet.seconds;
      const atNs = (packet.seconds - baseSeconds) * 1e9 + packet.nanoseconds;
      latestNs = Math.max(latestNs, atNs);
      backNs = Math.max(backNs, latestNs - atNs);
      const segment = tcpSegmentOf(packet);
      if (typeof segment === "string") {
        unused.set(segment, (unused.get(segment) ?? 0) + 1);
        if (segment === NO_SEGMENT.UNKNOWN_LINK) linkType = packet.linkType;
        continue;
      }
      const key = pairKey(segment);
      let pair = pairs.get(key);
      if (pair === undefined) {
        const isSourceFirst = segment.source < segment.target;
        pair = isSourceFirst
          ? new Pair(segment.source, segment.target)
          : new Pair(segment.target, segment.source);
        pairs.set(key, pair);
      }
      pair.add(segment);
      if (segment.missingBytes > 0) shortened++;
    }
    this.baseSeconds = baseSeconds;
    const unknownLinks = unused.get(NO_SEGMENT.UNKNOWN_LINK) ?? 0;
    if (count === 0)
      throw new UnusableCapture(`${path}: has no packets ${reasonOf(packets)}`.trim());
    if (unknownLinks === count) {
      throw new UnusableCapture(
        `${path}: packets of link type ${linkType} cannot be read; capture on an Ethernet, loopback or "any" interface`,
      );
    }
    if (pairs.size === 0) {
      throw new UnusableCapture(
        `${path}: none of its ${count} packets is a whole one of TCP ${reasonOf(packets)}`.trim(),
      );
    }
    this.tellUnused(unused);
    if (shortened > 0) {
      this.problems.push(
        `${shortened} packets were cut off by the capture (tcpdump -s 0 keeps all)`,
      );
    }
    if (backNs > BACK_NS_MAX) {
      this.problems.push(
        `the times of its packets go back by ${(backNs / 1e9).toFixed(1)} s (reordercap puts them in order; a clock that was set is not to be mended)`,
      );
    }
    this.decide(path, [...pairs], port, reasonOf(packets));
  }

  /** The end that serves; undefined when the pair is left out. */
  serverOf(key: string): string | undefined {
    return this.servers.get(key);
  }

  /** `why`: what is wrong with the file itself. */
  private decide(
    path: string,
    pairs: [string, Pair][],
    port: number | undefined,
    why: string,
  ): void {
    const peers = new Map<string, number>();
    for (const [, { a, b }] of pairs) {
      for (const end of [a, b]) peers.set(end, (peers.get(end) ?? 0) + 1);
    }
    const byServer = new Map<string, [string, Pair][]>();
    for (const [key, pair] of pairs) {
      pair.end();
      pair.server ??= serverByLooks(pair, port, peers);
      const others = byServer.get(pair.server);
      if (others === undefined) byServer.set(pair.server, [[key, pair]]);
      else others.push([key, pair]);
    }
    const leftOut: string[] = [];
    for (const [server, served] of byServer) {
      const isWanted = port === undefined ? isSpoken(served, server) : portOf(server) === port;
      if (!isWanted) {
        leftOut.push(endText(server));
        continue;
      }
      for (const [key, pair] of served) {
        this.servers.set(key, server);
        if (pair.isGuess) {
          this.notes.push(`${endText(server)} is taken for the server: --port N says which`);
        }
      }
    }
    if (this.servers.size > 0) {
      const taken = new Set(this.servers.values());
      if (new Set([...taken].map(portOf)).size > 1) {
        const ends = someOf([...taken].map(endText));
        this.notes.push(`it has several servers, ${ends}: --port N takes those of a port`);
      }
      if (port === undefined && leftOut.length > 0) {
        this.notes.push(
          `left out, not SoupBinTCP: connections to ${someOf(leftOut)}; --port N takes those of a port`,
        );
      }
      return;
    }
    const found = `it has connections to ${someOf(leftOut)}`;
    if (port !== undefined) {
      throw new UnusableCapture(`${path}: no connection to port ${port}; ${found} ${why}`.trim());
    }
    throw new UnusableCapture(
      `${path}: no connection speaks SoupBinTCP; ${found}; --port N takes those of a port all the same ${why}`.trim(),
    );
  }

  private tellUnused(unused: ReadonlyMap<string, number>): void {
    const fragments = unused.get(NO_SEGMENT.FRAGMENT) ?? 0;
    const cutOff = unused.get(NO_SEGMENT.CUT_OFF) ?? 0;
    const links = unused.get(NO_SEGMENT.UNKNOWN_LINK) ?? 0;
    if (fragments > 0) this.problems.push(`${fragments} fragments of IP packets are left out`);
    if (cutOff > 0) {
      this.problems.push(
        `${cutOff} packets were cut off within their headers (tcpdump -s 0 keeps all)`,
      );
    }
    if (links > 0) this.problems.push(`${links} packets of other link types are left out`);
  }
}

const reasonOf = ({ problems }: PacketFile): string =>
  problems.length === 0 ? "" : `(${problems.join("; ")})`;

/** So many times as many signs of one as of the other. */
const SURELY = 2;

/** No SYN was seen. */
function serverByLooks(
  pair: Pair,
  port: number | undefined,
  peers: ReadonlyMap<string, number>,
): string {
  const { a, b, aIsClient, aIsServer } = pair;
  // Somebody may have named the port of a client. What both ends may send, a Debug packet, is no sign.
  if (aIsClient > SURELY * aIsServer) return b;
  if (aIsServer > SURELY * aIsClient) return a;
  const isA = portOf(a) === port;
  if (port !== undefined && isA !== (portOf(b) === port)) return isA ? a : b;
  if (aIsClient !== aIsServer) return aIsClient > aIsServer ? b : a;
  const peersOfA = peers.get(a) ?? 0;
  const peersOfB = peers.get(b) ?? 0;
  if (peersOfA !== peersOfB) return peersOfA > peersOfB ? a : b;
  pair.isGuess = true;
  return portOf(a) < portOf(b) ? a : b;
}

/** Whether what goes to and fro at a server looks like the protocol. */
function isSpoken(served: readonly [string, Pair][], server: string): boolean {
  let full = 0;
  let packets = 0;
  for (const [, pair] of served) {
    full += pair.full;
    packets += server === pair.b ? pair.aIsClient : pair.aIsServer;
  }
  return packets > 0 && packets * PACKETS_ONE_IN >= full;
}

const SOME = 5;
const someOf = (texts: readonly string[]): string =>
  texts.length <= SOME
    ? texts.join(", ")
    : `${texts.slice(0, SOME).join(", ")} and ${texts.length - SOME} more`;

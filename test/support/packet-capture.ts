// Packet captures made by hand: every kind of link, address and file that the readers know, and segments with whatever
// numbers a test wants. Checksums are left out, as captures of a sending host have them.

import { writeFileSync } from "node:fs";

export const SYN = 0x02;
export const SYN_ACK = 0x12;
export const ACK = 0x10;
export const FIN_ACK = 0x11;
export const RST = 0x04;

export const SERVER_PORT = 26400;

export interface TestSegment {
  /** Since the file's first second. */
  readonly atNs: number;
  readonly isFromClient: boolean;
  readonly clientPort: number;
  /** SERVER_PORT when left out. */
  readonly serverPort?: number;
  readonly sequence: number;
  readonly ack: number;
  readonly flags: number;
  readonly payload: Buffer;
}

export type Link = "ethernet" | "vlan" | "qinq" | "sll" | "sll2" | "raw" | "null" | "loop";
const LINK_TYPES: Readonly<Record<Link, number>> = {
  ethernet: 1,
  vlan: 1,
  qinq: 1,
  sll: 113,
  sll2: 276,
  raw: 101,
  null: 0,
  loop: 108,
};
export const LINKS = Object.keys(LINK_TYPES) as Link[];

export interface FileKind {
  readonly link: Link;
  readonly isIp6: boolean;
  readonly isLittle: boolean;
  readonly isNano: boolean;
  readonly isPcapng: boolean;
  /** Bytes kept of each packet. */
  readonly snapBytes?: number;
}

export const PLAIN_FILE: FileKind = {
  link: "ethernet",
  isIp6: false,
  isLittle: true,
  isNano: true,
  isPcapng: false,
};
export const BASE_SECONDS = 1_790_000_000;

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const hex = (text: string): Buffer => Buffer.from(text, "hex");

function linkHeader(link: Link, isIp6: boolean): Buffer {
  const type = u16(isIp6 ? 0x86dd : 0x0800);
  const addresses = Buffer.alloc(12);
  switch (link) {
    case "ethernet":
      return Buffer.concat([addresses, type]);
    case "vlan":
      return Buffer.concat([addresses, hex("81000007"), type]);
    case "qinq":
      return Buffer.concat([addresses, hex("88a8000781000008"), type]);
    case "sll":
      return Buffer.concat([Buffer.alloc(14), type]);
    case "sll2":
      return Buffer.concat([type, Buffer.alloc(18)]);
    case "raw":
      return Buffer.alloc(0);
    case "null":
      return hex(isIp6 ? "0a000000" : "02000000");
    case "loop":
      return hex(isIp6 ? "0000000a" : "00000002");
  }
}

/** With TCP options always, with IPv4 options or an IPv6 extension header as well, and Ethernet's padding behind it. */
export function frameOf(segment: TestSegment, { link, isIp6 }: FileKind): Buffer {
  const tcp = Buffer.alloc(32);
  const ports = [segment.clientPort, segment.serverPort ?? SERVER_PORT];
  const [source = 0, target = 0] = segment.isFromClient ? ports : ports.toReversed();
  tcp.writeUInt16BE(source, 0);
  tcp.writeUInt16BE(target, 2);
  tcp.writeUInt32BE(segment.sequence >>> 0, 4);
  tcp.writeUInt32BE(segment.ack >>> 0, 8);
  tcp.writeUInt8(8 << 4, 12);
  tcp.writeUInt8(segment.flags, 13);
  const addresses = (bytes: number): Buffer => {
    const client = Buffer.alloc(bytes, 2);
    const server = Buffer.alloc(bytes, 1);
    return Buffer.concat(segment.isFromClient ? [client, server] : [server, client]);
  };
  const body = Buffer.concat([tcp, segment.payload]);
  let ip: Buffer;
  if (isIp6) {
    const extension = hex("0600000000000000"); // hop-by-hop, TCP follows
    ip = Buffer.concat([
      hex("60000000"),
      u16(8 + body.length),
      hex("0040"),
      addresses(16),
      extension,
    ]);
  } else {
    const options = hex("01010101");
    const total = u16(24 + body.length);
    ip = Buffer.concat([hex("4600"), total, hex("0001400040060000"), addresses(4), options]);
  }
  const padding = Buffer.alloc(link === "ethernet" ? 6 : 0, 0xee);
  return Buffer.concat([linkHeader(link, isIp6), ip, body, padding]);
}

export interface TimedFrame {
  readonly atNs: number;
  readonly frame: Buffer;
}

export function captureOf(frames: readonly TimedFrame[], kind: FileKind): Buffer {
  const { isLittle, isNano, link, isPcapng, snapBytes = 2 ** 18 } = kind;
  const words = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    for (const [index, value] of values.entries()) {
      if (isLittle) bytes.writeUInt32LE(value >>> 0, index * 4);
      else bytes.writeUInt32BE(value >>> 0, index * 4);
    }
    return bytes;
  };
  const halves = (first: number, second: number): Buffer =>
    isLittle ? words(first | (second << 16)) : words((first << 16) | second);
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const length = padded.length + 12;
    return Buffer.concat([words(type, length), padded, words(length)]);
  };
  const linkType = LINK_TYPES[link];
  const fractionNs = isNano ? 1 : 1000;
  const parts: Buffer[] = [];
  if (isPcapng) {
    const section = Buffer.concat([words(0x1a2b3c4d), halves(1, 0), words(~0, ~0)]);
    parts.push(block(0x0a0d0d0a, section));
    // The first interface is never used; then ours, whose unit of time an option says; then a block of another kind.
    parts.push(block(1, Buffer.concat([halves(147, 0), words(0)])));
    const unit = Buffer.concat([halves(9, 1), Buffer.from([isNano ? 9 : 6, 0, 0, 0]), words(0)]);
    parts.push(block(1, Buffer.concat([halves(linkType, 0), words(snapBytes), unit])));
    parts.push(block(0x0bad, Buffer.from("something else")));
  } else {
    parts.push(words(isNano ? 0xa1b23c4d : 0xa1b2c3d4), halves(2, 4));
    parts.push(words(0, 0, snapBytes, linkType));
  }
  for (const { atNs, frame } of frames) {
    const kept = frame.subarray(0, snapBytes);
    if (isPcapng) {
      const ticks =
        (BigInt(BASE_SECONDS) * 1_000_000_000n + BigInt(Math.floor(atNs))) / BigInt(fractionNs);
      const time = words(1, Number(ticks >> 32n), Number(ticks & 0xffffffffn));
      parts.push(block(6, Buffer.concat([time, words(kept.length, frame.length), kept])));
    } else {
      const seconds = BASE_SECONDS + Math.floor(atNs / 1e9);
      const fraction = Math.floor((atNs % 1e9) / fractionNs);
      parts.push(words(seconds, fraction, kept.length, frame.length), kept);
    }
  }
  return Buffer.concat(parts);
}

export const writeCapture = (
  path: string,
  segments: readonly TestSegment[],
  kind: FileKind = PLAIN_FILE,
): void => {
  const frames = segments.map((segment) => ({
    atNs: segment.atNs,
    frame: frameOf(segment, kind),
  }));
  writeFileSync(path, captureOf(frames, kind));
};

/** A connection that runs by itself: each call is a packet, a microsecond after the one before. */
export class TestConversation {
  readonly segments: TestSegment[] = [];
  readonly clientPort: number;
  private atNs: number;
  private clientNext: number;
  private serverNext: number;

  constructor(clientPort = 40_000, atNs = 0, clientFirst = 0xffff_fff0, serverFirst = 7000) {
    this.clientPort = clientPort;
    this.atNs = atNs;
    this.clientNext = clientFirst;
    this.serverNext = serverFirst;
  }

  handshake(): this {
    this.push(true, SYN, Buffer.alloc(0));
    this.clientNext++;
    this.push(false, SYN_ACK, Buffer.alloc(0));
    this.serverNext++;
    return this.push(true, ACK, Buffer.alloc(0));
  }

  client(...payloads: Buffer[]): this {
    for (const payload of payloads) this.send(true, payload);
    return this;
  }

  server(...payloads: Buffer[]): this {
    for (const payload of payloads) this.send(false, payload);
    return this;
  }

  fin(isFromClient: boolean): this {
    this.push(isFromClient, FIN_ACK, Buffer.alloc(0));
    if (isFromClient) this.clientNext++;
    else this.serverNext++;
    return this;
  }

  reset(isFromClient: boolean): this {
    return this.push(isFromClient, RST, Buffer.alloc(0));
  }

  /** Time goes by. */
  wait(ns: number): this {
    this.atNs += ns;
    return this;
  }

  private send(isFromClient: boolean, payload: Buffer): void {
    this.push(isFromClient, ACK, payload);
    if (isFromClient) this.clientNext += payload.length;
    else this.serverNext += payload.length;
  }

  private push(isFromClient: boolean, flags: number, payload: Buffer): this {
    const sequence = isFromClient ? this.clientNext : this.serverNext;
    const ack = isFromClient ? this.serverNext : this.clientNext;
    const { clientPort, atNs } = this;
    this.segments.push({ atNs, isFromClient, clientPort, sequence, ack, flags, payload });
    this.atNs += 1000;
    return this;
  }
}

// A capture as packets, for Wireshark and its kin: the handshakes, acknowledgements and ends are made up, the bytes and
// their times are not. A chunk is one segment, as far as one can hold it.

import { isIPv4, isIPv6 } from "node:net";
import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  type CaptureRecord,
  CLOSED_BY,
  type ConnectFacts,
  type LossFacts,
} from "../../capture/capture-record.ts";
import type { CaptureSource } from "./capture-source.ts";
import { factsOf } from "./followed-connection.ts";
import { IP6_ADDRESS_BYTES, TCP_FLAG } from "./frame-layout.ts";
import { type NewFileNames, writeNew } from "./new-file.ts";
import { PcapFileWriter } from "./pcap-file-writer.ts";
import { type TcpEnd, tcpFrame } from "./tcp-frame.ts";
import { UnusableCapture } from "./unusable-capture.ts";

/** With its headers, it is what the length of an IP packet can say; a loopback interface has such segments. */
const SEGMENT_BYTES_MAX = 65_400;
const NOTHING = Buffer.alloc(0);
/** Its seconds have 32 bits. */
const PCAP_END_NS = 2n ** 32n * 1_000_000_000n;
const { SYN, ACK, PSH, FIN, RST } = TCP_FLAG;

/** Nobody knows where the gateway was: on the loopback for clients there, at an address for examples otherwise. */
const SERVER_IP4 = "192.0.2.1";
const SERVER_IP6 = "2001:db8::1";
const LOOPBACK_IP4 = "127.0.0.1";
const LOOPBACK_IP6 = "::1";
const UNKNOWN_CLIENT = "127.0.0.2";
const MAPPED = /^::ffff:(?=[\d.]+$)/i;

export interface PacketsWritten {
  readonly packets: number;
  readonly bytes: number;
  /** Records that packets cannot say. */
  readonly pressureRecords: number;
  /** Lost behind the last packet of a connection: no later number shows the hole. */
  readonly unseenLostBytes: number;
}

/**
 * `port` is the server's. There is no file when there is nothing to write, or it cannot be written: throws
 * UnusableCapture then.
 */
export const writePackets = (
  names: NewFileNames,
  source: CaptureSource,
  port: number,
): PacketsWritten =>
  writeNew(names, (descriptor) => {
    const file = new PcapFileWriter(descriptor);
    try {
      const run = new PacketRun(file, source, port);
      for (const record of source.records()) run.add(record);
      if (file.packets === 0)
        throw new UnusableCapture("there is nothing to write: no file was made");
      file.close();
      const { pressureRecords, unseenLostBytes } = run;
      return { packets: file.packets, bytes: file.bytes, pressureRecords, unseenLostBytes };
    } catch (error) {
      file.abandon();
      throw error;
    }
  });

interface Conversation {
  readonly client: TcpEnd;
  readonly server: TcpEnd;
  readonly key: string;
  clientHasEnded: boolean;
  /** Since its last packet. */
  lostBytes: number;
}

class PacketRun {
  pressureRecords = 0;
  unseenLostBytes = 0;
  private readonly file: PcapFileWriter;
  private readonly port: number;
  private readonly anchorNs: number;
  private readonly anchorEpochNs: bigint;
  private readonly conversations = new Map<number, Conversation>();
  private readonly pairs = new Set<string>();
  /** Their clients said FIN only because their servers had. */
  private readonly endedByServer = new Set<number>();

  constructor(file: PcapFileWriter, source: CaptureSource, port: number) {
    const { info } = source;
    for (const { kind, connection, detail } of source.records()) {
      const isByServer = kind === CAPTURE_KIND.CLOSE && detail === CLOSED_BY.SERVER;
      if (isByServer) this.endedByServer.add(connection);
    }
    this.file = file;
    this.port = port;
    this.anchorNs = info.anchorNs;
    this.anchorEpochNs = BigInt(Math.round(info.anchorEpochMs * 1e6));
  }

  add({ kind, flags, connection, detail, atNs, payload }: CaptureRecord): void {
    if (connection === 0) {
      this.pressureRecords++;
      return;
    }
    const epochNs = this.anchorEpochNs + BigInt(Math.round(atNs - this.anchorNs));
    if (epochNs < 0n || epochNs >= PCAP_END_NS) {
      throw new UnusableCapture("it has times before 1970 or after 2106: a pcap cannot say them");
    }
    if (kind === CAPTURE_KIND.CONNECT) {
      const conversation = this.begin(connection, factsOf(payload));
      if ((flags & CAPTURE_FLAG.MID) === 0) this.shakeHands(epochNs, conversation);
      return;
    }
    const conversation = this.conversations.get(connection) ?? this.begin(connection, undefined);
    const { client, server } = conversation;
    const packetsBefore = this.file.packets;
    if (kind === CAPTURE_KIND.IN) this.send(epochNs, client, server, payload);
    else if (kind === CAPTURE_KIND.OUT) this.send(epochNs, server, client, payload);
    else if (kind === CAPTURE_KIND.LOST) {
      // The numbers go on, so that whoever reads the packets misses the bytes.
      const { direction, bytes } = JSON.parse(payload.toString()) as LossFacts;
      const end = direction === "in" ? client : server;
      end.next = (end.next + bytes) >>> 0;
      conversation.lostBytes += bytes;
      this.unseenLostBytes += bytes;
    } else if (kind === CAPTURE_KIND.END && !this.endedByServer.has(connection)) {
      this.finish(epochNs, client, server);
      conversation.clientHasEnded = true;
    } else if (kind === CAPTURE_KIND.CLOSE) this.close(epochNs, connection, conversation, detail);
    if (this.file.packets === packetsBefore) return;
    // Each packet says where both ends are by then.
    this.unseenLostBytes -= conversation.lostBytes;
    conversation.lostBytes = 0;
  }

  private begin(connection: number, facts: ConnectFacts | undefined): Conversation {
    const client = facts?.remoteAddress.replace(MAPPED, "") ?? "";
    const isIp6 = isIPv6(client);
    const clientText = isIp6 || isIPv4(client) ? client : UNKNOWN_CLIENT;
    const clientAddress = addressBytes(clientText);
    const serverAddress = addressBytes(serverFor(clientText));
    const port = facts?.remotePort ?? 0;
    // Captures of several gateways may have one client's port twice at a time.
    const keyOf = (): string => `${clientText} ${port} ${serverAddress.toString("hex")}`;
    const last = serverAddress.length - 1;
    for (let tries = 0; this.pairs.has(keyOf()) && tries < 0xff; tries++) {
      serverAddress.writeUInt8((serverAddress.readUInt8(last) + 1) & 0xff, last);
    }
    const key = keyOf();
    this.pairs.add(key);
    // A port that is used again begins elsewhere, or the first connection would seem to go on.
    const first = Math.imul(connection, 0x9e3779b1);
    const conversation: Conversation = {
      client: { address: clientAddress, port, next: first >>> 0 },
      server: { address: serverAddress, port: this.port, next: ~first >>> 0 },
      key,
      clientHasEnded: false,
      lostBytes: 0,
    };
    this.conversations.set(connection, conversation);
    return conversation;
  }

  private shakeHands(epochNs: bigint, { client, server }: Conversation): void {
    this.packet(epochNs, client, server, SYN, NOTHING);
    client.next = (client.next + 1) >>> 0;
    this.packet(epochNs, server, client, SYN | ACK, NOTHING);
    server.next = (server.next + 1) >>> 0;
    this.packet(epochNs, client, server, ACK, NOTHING);
  }

  private send(epochNs: bigint, source: TcpEnd, target: TcpEnd, chunk: Buffer): void {
    for (let offset = 0; offset < chunk.length; offset += SEGMENT_BYTES_MAX) {
      const segment = chunk.subarray(offset, offset + SEGMENT_BYTES_MAX);
      const isLast = offset + segment.length === chunk.length;
      this.packet(epochNs, source, target, isLast ? ACK | PSH : ACK, segment);
      source.next = (source.next + segment.length) >>> 0;
    }
  }

  private finish(epochNs: bigint, source: TcpEnd, target: TcpEnd): void {
    this.packet(epochNs, source, target, FIN | ACK, NOTHING);
    source.next = (source.next + 1) >>> 0;
  }

  private close(
    epochNs: bigint,
    connection: number,
    { client, server, key, clientHasEnded }: Conversation,
    by: number,
  ): void {
    if (by === CLOSED_BY.RESET || by === CLOSED_BY.UNKNOWN) {
      this.packet(epochNs, client, server, RST | ACK, NOTHING);
    } else {
      if (by === CLOSED_BY.CLIENT && !clientHasEnded) this.finish(epochNs, client, server);
      this.finish(epochNs, server, client);
      const isClientLast = by === CLOSED_BY.SERVER && !clientHasEnded;
      if (isClientLast) this.finish(epochNs, client, server);
      const [source, target] = isClientLast ? [server, client] : [client, server];
      this.packet(epochNs, source, target, ACK, NOTHING);
    }
    this.conversations.delete(connection);
    this.pairs.delete(key);
  }

  private packet(
    epochNs: bigint,
    source: TcpEnd,
    target: TcpEnd,
    flags: number,
    payload: Buffer,
  ): void {
    const { file } = this;
    const acknowledges = (flags & ACK) !== 0;
    file.add(epochNs, tcpFrame(source, target, flags, acknowledges, payload, file.packets));
  }
}

function serverFor(client: string): string {
  if (isIPv6(client)) return client === LOOPBACK_IP6 ? LOOPBACK_IP6 : SERVER_IP6;
  return client.startsWith("127.") ? LOOPBACK_IP4 : SERVER_IP4;
}

function addressBytes(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split(".").map(Number));
  // The URL's form has no dotted tail, and at most one "::".
  const plain = new URL(`http://[${text.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const words = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16));
  const first = words(head);
  const last = tail === undefined ? [] : words(tail);
  const missing = IP6_ADDRESS_BYTES / 2 - first.length - last.length;
  const all = [...first, ...Array.from({ length: missing }, () => 0), ...last];
  const bytes = Buffer.alloc(IP6_ADDRESS_BYTES);
  for (const [index, word] of all.entries()) bytes.writeUInt16BE(word, index * 2);
  return bytes;
}

// Packets that Nasdaq's own systems sent, from the wire to the fields.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  describeInbound,
  describeOutbound,
  type Fields,
} from "../../src/protocol/ouch/describe.ts";
import { PacketReader, type PacketSink } from "../../src/protocol/soupbintcp/packet-reader.ts";
import { CLIENT_UNSEQUENCED, SERVER_SEQUENCED } from "../../src/protocol/soupbintcp/packet-type.ts";
import { viewOf, withoutSpaces } from "../support/hex.ts";
import { PcapWriter, readPcap } from "../support/pcap.ts";
import { INBOUND_VECTORS, OUTBOUND_VECTORS } from "../vectors/ouch50.ts";

const PACKET_BYTES_MAX = 1024;

class Described implements PacketSink {
  readonly packets: { type: string; hex: string; fields: Fields | undefined }[] = [];

  onPacket(type: number, bytes: Buffer, view: DataView, offset: number, count: number): boolean {
    const describe =
      type === CLIENT_UNSEQUENCED
        ? describeInbound
        : type === SERVER_SEQUENCED
          ? describeOutbound
          : undefined;
    this.packets.push({
      type: String.fromCharCode(type),
      hex: bytes.toString("hex", offset, offset + count),
      fields: describe?.(view, offset, count),
    });
    return true;
  }
}

const capture = (name: string): Buffer =>
  readFileSync(new URL(`../vectors/nasdaq-ouch50/${name}.pcap`, import.meta.url));

/** The one packet of a capture, which must be whole and alone. */
function packetOf(name: string): Described["packets"][number] {
  const segments = readPcap(capture(name));
  assert.equal(segments.length, 1);
  const payload = segments[0]?.payload ?? Buffer.alloc(0);
  const described = new Described();
  const reader = new PacketReader(PACKET_BYTES_MAX);
  const unread = reader.read(payload, viewOf(payload), 0, payload.length, described);
  assert.equal(unread, payload.length, "no byte is left over");
  assert.equal(described.packets.length, 1);
  const [packet] = described.packets;
  if (!packet) throw new Error("no packet");
  return packet;
}

test("a captured Enter Order is framed and decoded, behind its VLAN tag", () => {
  const { type, hex, fields } = packetOf("EnterOrderMessage");
  assert.equal(type, "U");
  assert.equal(hex, withoutSpaces(INBOUND_VECTORS.enterCaptured));
  assert.equal(fields?.message, "Enter Order");
  assert.equal(fields?.symbol, "CVLT");
  assert.equal(fields?.price, "63.0200");
  assert.equal(fields?.firm, "LIME");
});

test("a captured Order Accepted is framed and decoded", () => {
  const { type, hex, fields } = packetOf("OrderAcceptedMessage");
  assert.equal(type, "S");
  assert.equal(hex, withoutSpaces(OUTBOUND_VECTORS.acceptedCaptured));
  assert.equal(fields?.userRefNum, 7_682_701);
  assert.equal(fields?.bboWeight, "0");
});

test("a captured Cancel has no appendage, and neither has its answer", () => {
  const cancel = packetOf("CancelOrderMessage");
  assert.equal(cancel.hex, withoutSpaces(INBOUND_VECTORS.cancelCaptured));
  assert.equal(cancel.fields?.userRefNum, 7_679_601);
  const canceled = packetOf("CanceledMessage");
  assert.equal(canceled.hex, withoutSpaces(OUTBOUND_VECTORS.canceledCaptured));
  assert.equal(canceled.fields?.reason, "U");
});

test("captured heartbeats are three bytes, whatever pads the frame", () => {
  assert.deepEqual(packetOf("ClientHeartbeatPacket"), { type: "R", hex: "", fields: undefined });
  assert.deepEqual(packetOf("ServerHeartbeatPacket"), { type: "H", hex: "", fields: undefined });
});

test("a captured timestamp is New York's time of day", () => {
  const [segment] = readPcap(capture("OrderAcceptedMessage"));
  const secondsOfDayUtc = Number((segment?.epochNs ?? 0n) / 1_000_000_000n) % 86_400;
  const { fields } = packetOf("OrderAcceptedMessage");
  const secondsOfDay = Math.floor(Number(fields?.timestamp) / 1_000_000_000);
  assert.equal(secondsOfDayUtc - secondsOfDay, 4 * 3_600, "daylight saving time");
});

test("a capture that we write reads as what was sent, in order and without a gap", () => {
  const pcap = new PcapWriter(40_000, 9_000, 1_700_000_000_000_000_001n);
  const long = Buffer.alloc(3_000, 7);
  pcap.fromClient(Buffer.from("abc"), 1_700_000_000_000_000_002n);
  pcap.fromServer(long, 1_700_000_000_000_000_003n);
  pcap.fromClient(Buffer.from("de"), 1_700_000_001_000_000_004n);
  const segments = readPcap(pcap.file());
  assert.equal(segments[0]?.epochNs, 1_700_000_000_000_000_001n);

  for (const [port, expected] of [
    [40_000, Buffer.from("abcde")],
    [9_000, long],
  ] as const) {
    const sent = segments.filter(({ sourcePort }) => sourcePort === port);
    assert.deepEqual(Buffer.concat(sent.map(({ payload }) => payload)), expected);
    const data = sent.filter(({ payload }) => payload.length > 0);
    for (let index = 1; index < data.length; index++) {
      const before = data[index - 1];
      const end = (before?.sequence ?? 0) + (before?.payload.length ?? 0);
      assert.equal(data[index]?.sequence, end, "sequence numbers run on");
    }
  }
});

test("what is no capture is refused", () => {
  assert.throws(() => readPcap(Buffer.alloc(24)), /no pcap/);
  const whole = capture("CancelOrderMessage");
  assert.throws(() => readPcap(whole.subarray(0, whole.length - 1)), /ends within/);
});

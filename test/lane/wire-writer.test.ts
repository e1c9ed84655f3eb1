import assert from "node:assert/strict";
import { test } from "node:test";
import { WireWriter, WRITE_BYTES_MAX } from "../../src/lane/wire-writer.ts";
import {
  OUTBOUND_FLAG,
  OUTBOUND_KIND,
  OUTBOUND_PAYLOAD_BYTES_MAX,
  OutboundRecord,
} from "../../src/memory/outbound-record.ts";
import { createRing } from "../../src/memory/ring-layout.ts";
import { RING_FULL, RingProducer } from "../../src/memory/ring-producer.ts";
import { createWires, NO_WIRE, Wires } from "../../src/memory/wires.ts";
import { PRICE_MARKET } from "../../src/protocol/ouch/codes.ts";
import {
  ORDER_ACCEPTED_BYTES,
  ORDER_ACCEPTED_TYPE,
  OrderAccepted,
} from "../../src/protocol/ouch/order-accepted.ts";
import { PACKET_HEADER_BYTES } from "../../src/protocol/soupbintcp/packet-header.ts";
import {
  FRAME_BYTES_KEPT,
  ORDER_STAMP,
  ORDER_STAMPS,
  OrderRecord,
} from "../../src/telemetry/order-record.ts";

const CONNECTION = 2;
const DESCRIPTOR = 31;
const EPOCH = 9;

/** What a write() gives: a number of bytes, or the code of an error. */
type Answer = number | string;

class Rig {
  readonly wires = new Wires(createWires(4));
  readonly ring = new RingProducer(createRing(2048));
  readonly writer: WireWriter;
  /** What the kernel has taken, write by write. */
  readonly written: Buffer[] = [];
  /** The kernel's answers; it takes everything when there is none left. */
  readonly answers: Answer[] = [];
  clockNs = 1_000_000;
  private readonly record = new OutboundRecord();

  constructor() {
    const clock = { nowNs: () => this.tickClock() };
    this.writer = new WireWriter(
      this.ring,
      this.wires,
      clock,
      (descriptor, bytes, offset, length) => {
        assert.equal(descriptor, DESCRIPTOR);
        assert.ok(length > 0 && offset + length <= bytes.length);
        const answer = this.answers.shift() ?? length;
        if (typeof answer === "string") throw Object.assign(new Error(answer), { code: answer });
        this.written.push(Buffer.from(bytes.subarray(offset, offset + answer)));
        return answer;
      },
    );
    this.wires.lend(CONNECTION, DESCRIPTOR, EPOCH);
  }

  /** With the wire in hand. */
  static open(...answers: readonly Answer[]): Rig {
    const rig = new Rig();
    rig.answers.push(...answers);
    rig.writer.start();
    assert.ok(rig.writer.take(CONNECTION, EPOCH));
    return rig;
  }

  /** A record of its own for the packet. Returns its offset. */
  claim(packet: Buffer, fields: Partial<OutboundRecord> = {}): number {
    const offset = this.ring.claim(0);
    assert.notEqual(offset, RING_FULL);
    const record = this.record.wrap(this.ring.slots, offset);
    record.start(OUTBOUND_KIND.SEQUENCED, CONNECTION, EPOCH);
    record.payloadBytes = packet.length;
    Object.assign(record, fields);
    packet.copy(this.ring.slots.bytes, record.payloadOffset);
    return offset;
  }
  /** Packets of these lengths, told apart by their bytes. Returns the offsets of their records. */
  add(...lengths: readonly number[]): number[] {
    return lengths.map((length, index) => {
      const offset = this.claim(Buffer.alloc(length, index + 1), { sinceNs: 500 });
      assert.ok(this.writer.add(offset));
      return offset;
    });
  }

  at(offset: number): OutboundRecord {
    return this.record.wrap(this.ring.slots, offset);
  }
  kinds(offsets: readonly number[]): number[] {
    return offsets.map((offset) => this.at(offset).kind);
  }
  payload(offset: number): Buffer {
    const { payloadOffset, payloadBytes } = this.at(offset);
    return Buffer.from(this.ring.slots.bytes.subarray(payloadOffset, payloadOffset + payloadBytes));
  }
  orderAt(offset: number): OrderRecord {
    return new OrderRecord().wrap(this.ring.slots.words.buffer, offset);
  }

  /** Whose the wire is. */
  get holder(): string {
    if (this.wires.take(CONNECTION, EPOCH) !== NO_WIRE) {
      this.wires.giveBack(CONNECTION);
      return "free";
    }
    if (this.wires.takeBack(CONNECTION)) return "gate";
    return this.writer.isOpen ? "lane" : "broken";
  }

  private tickClock(): number {
    this.clockNs += 100;
    return this.clockNs;
  }
}

const { SENT, SEQUENCED } = OUTBOUND_KIND;

test("what the kernel takes leaves in one write, in order, and is marked as sent", () => {
  const rig = Rig.open();
  const { writer } = rig;
  assert.equal(rig.holder, "lane");
  const offsets = rig.add(30, 176, 7);
  assert.equal(rig.written.length, 0, "nothing leaves before the flush");
  assert.equal(writer.flush(), 0);
  assert.deepEqual(rig.written, [
    Buffer.concat([Buffer.alloc(30, 1), Buffer.alloc(176, 2), Buffer.alloc(7, 3)]),
  ]);
  assert.deepEqual(rig.kinds(offsets), [SENT, SENT, SENT]);
  const lengths = offsets.map((offset) => rig.at(offset).payloadBytes);
  assert.deepEqual(lengths, [30, 176, 7], "the gate counts by them");
  assert.ok(writer.isOpen);
  writer.end();
  assert.ok(!writer.isOpen);
  assert.equal(rig.holder, "free");
  assert.equal(writer.takeSentCount(), 3);
  assert.equal(writer.takeSentCount(), 0);
});

test("one wire serves any number of flushes, and a flush of nothing is no write", () => {
  const rig = Rig.open();
  rig.add(20);
  rig.writer.flush();
  assert.equal(rig.writer.flush(), 0);
  const [second] = rig.add(40);
  rig.writer.flush();
  assert.deepEqual(rig.written, [Buffer.alloc(20, 1), Buffer.alloc(40, 1)]);
  assert.equal(rig.at(second!).kind, SENT);
  rig.writer.end();
  assert.equal(rig.writer.takeSentCount(), 2);
});

test("a write that ends between two packets leaves the later ones to the gate, and the wire with them", () => {
  const rig = Rig.open(50);
  const offsets = rig.add(20, 30, 40, 50);
  assert.equal(rig.writer.flush(), 90);
  assert.deepEqual(rig.kinds(offsets), [SENT, SENT, SEQUENCED, SEQUENCED]);
  assert.deepEqual(
    offsets.map((offset) => rig.at(offset).flags),
    [0, 0, 0, 0],
  );
  assert.deepEqual(rig.payload(offsets[2]!), Buffer.alloc(40, 3));
  assert.ok(!rig.writer.isOpen);
  assert.equal(rig.holder, "gate");
  assert.equal(rig.writer.takeSentCount(), 2);
  rig.writer.end(); // nothing is given back that is not there
  assert.equal(rig.holder, "gate");
});

test("a write that ends within a packet breaks the wire until the gate has the rest in hand", () => {
  for (const [taken, begun, begunBytes] of [
    [1, 0, 1],
    [19, 0, 19],
    [21, 1, 1],
    [49, 1, 29],
    [139, 3, 49],
  ] as const) {
    const rig = Rig.open(taken);
    const offsets = rig.add(20, 30, 40, 50);
    assert.equal(rig.writer.flush(), 140 - taken);
    for (const [index, offset] of offsets.entries()) {
      const { kind, flags } = rig.at(offset);
      assert.equal(kind, index < begun ? SENT : SEQUENCED, `${index} of ${taken}`);
      assert.equal(flags, index === begun ? OUTBOUND_FLAG.BEGUN : 0, `${index} of ${taken}`);
      if (index < begun) continue;
      const length = [20, 30, 40, 50][index]!;
      assert.deepEqual(rig.payload(offset), Buffer.alloc(length, index + 1), "the gate needs it");
    }
    assert.ok(!rig.writer.isOpen);
    assert.equal(rig.holder, "broken");
    assert.equal(rig.writer.takeSentCount(), begun);
    assert.equal(rig.wires.mend(CONNECTION), begunBytes);
    assert.equal(rig.holder, "gate");
  }
});

test("a packet that has been begun keeps its other flags", () => {
  const rig = Rig.open(5);
  const offset = rig.claim(Buffer.alloc(10), { flags: OUTBOUND_FLAG.PEER_LIMITED });
  rig.writer.add(offset);
  rig.writer.flush();
  assert.equal(rig.at(offset).flags, OUTBOUND_FLAG.PEER_LIMITED | OUTBOUND_FLAG.BEGUN);
});

test("a kernel without room and a peer that has gone leave everything to the gate", () => {
  for (const code of ["EAGAIN", "EPIPE", "ECONNRESET", "ETIMEDOUT", "ECONNREFUSED", "EACCES"]) {
    const rig = Rig.open(code);
    const offsets = rig.add(20, 30);
    assert.equal(rig.writer.flush(), 50, code);
    assert.deepEqual(rig.kinds(offsets), [SEQUENCED, SEQUENCED]);
    for (const [index, offset] of offsets.entries()) {
      assert.equal(rig.at(offset).flags, 0);
      assert.deepEqual(rig.payload(offset), Buffer.alloc([20, 30][index]!, index + 1));
    }
    assert.equal(rig.holder, "gate", code);
    assert.equal(rig.writer.takeSentCount(), 0);
  }
});

test("an error behind a write that was taken concerns what came after it alone", () => {
  const rig = Rig.open(20, "EAGAIN");
  const [first] = rig.add(20);
  rig.writer.flush();
  const [second] = rig.add(30);
  assert.equal(rig.writer.flush(), 30);
  assert.deepEqual(rig.kinds([first!, second!]), [SENT, SEQUENCED]);
  assert.equal(rig.writer.takeSentCount(), 1);
});

test("an error that no peer can cause is thrown", () => {
  for (const code of ["EBADF", "EINVAL", "ENOTSOCK"]) {
    const rig = Rig.open(code);
    rig.add(20);
    assert.throws(() => rig.writer.flush(), { code });
  }
});

test("a wire that the gate has, or that was lent to another connection, is not taken", () => {
  const rig = new Rig();
  const { writer, wires } = rig;
  assert.ok(!writer.take(CONNECTION, EPOCH + 1));
  assert.ok(!writer.take(CONNECTION + 1, EPOCH));
  assert.ok(!writer.isOpen);
  assert.ok(wires.takeBack(CONNECTION));
  assert.ok(!writer.take(CONNECTION, EPOCH));
  assert.ok(!writer.isOpen);
  writer.end();
  assert.equal(rig.holder, "gate");
  wires.lend(CONNECTION, DESCRIPTOR, EPOCH);
  assert.ok(writer.take(CONNECTION, EPOCH));
});

test("one wire at a time, and none is given back with packets that nobody has written", () => {
  const rig = Rig.open();
  rig.wires.lend(CONNECTION + 1, DESCRIPTOR, EPOCH);
  assert.throws(() => rig.writer.take(CONNECTION + 1, EPOCH), /while there is another/);
  rig.add(20);
  assert.throws(() => rig.writer.end(), /before its packets were written/);
});

test("a sent record is an order record: its stamps follow each other, its frame is what was sent", () => {
  const rig = Rig.open();
  const given = { sinceNs: 10, readNs: 20, inboundNs: 30, laneNs: 40, doneNs: 50, durableNs: 60 };
  const packet = Buffer.from(Uint8Array.from({ length: 120 }, (_, index) => index));
  const startedNs = rig.clockNs;
  const offsets: number[] = [];
  const writtenNs: number[] = [];
  for (const count of [2, 1]) {
    for (let left = count; left > 0; left--) {
      const offset = rig.claim(packet, given);
      rig.writer.add(offset);
      offsets.push(offset);
    }
    rig.clockNs += 5000; // the lane looks for more
    rig.writer.flush();
    writtenNs.push(rig.clockNs);
  }
  const stamps = offsets.map((offset) => {
    const order = rig.orderAt(offset);
    return [order.stampNs(ORDER_STAMP.OUTBOUND_NS), order.writtenNs];
  });
  // A write begins where the one before it was over: what lies between is the wait for one's turn.
  const [first, second] = writtenNs;
  assert.deepEqual(stamps, [
    [startedNs, first],
    [startedNs, first],
    [first, second],
  ]);
  for (const offset of offsets) {
    const order = rig.orderAt(offset);
    const all = ORDER_STAMPS.map((stamp) => order.stampNs(stamp));
    assert.deepEqual(all.slice(0, 6), Object.values(given));
    assert.deepEqual(
      all,
      all.toSorted((a, b) => a - b),
    );
    assert.deepEqual(Buffer.from(order.frame()), packet.subarray(0, FRAME_BYTES_KEPT));
    assert.deepEqual([order.connection, order.epoch], [CONNECTION, EPOCH]);
  }
});

test("a new round of visits has a beginning of its own", () => {
  const rig = Rig.open();
  rig.add(20);
  rig.writer.flush();
  rig.writer.end();
  rig.clockNs += 1e6;
  rig.writer.start();
  const startedNs = rig.clockNs;
  assert.ok(rig.writer.take(CONNECTION, EPOCH));
  const [offset] = rig.add(20);
  rig.writer.flush();
  assert.equal(rig.orderAt(offset!).stampNs(ORDER_STAMP.OUTBOUND_NS), startedNs);
});

/** The packet of an Order Accepted. */
function accepted(price: number): Buffer {
  const packet = Buffer.alloc(PACKET_HEADER_BYTES + ORDER_ACCEPTED_BYTES);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  new OrderAccepted().wrap(view, PACKET_HEADER_BYTES).start().price = price;
  return packet;
}

test("an accepted market order is marked although the stamps lie where its price was", () => {
  const rig = Rig.open();
  const answerType = ORDER_ACCEPTED_TYPE;
  const [market, limit, unasked, other] = [
    rig.claim(accepted(PRICE_MARKET), { sinceNs: 5, answerType }),
    rig.claim(accepted(1_895_000), { sinceNs: 5, answerType }),
    rig.claim(accepted(PRICE_MARKET), { answerType }),
    rig.claim(accepted(PRICE_MARKET), { sinceNs: 5, answerType: "E".charCodeAt(0) }),
  ];
  const offsets = [market, limit, unasked, other].map((offset) => offset ?? 0);
  for (const offset of offsets) rig.writer.add(offset);
  rig.writer.flush();
  assert.deepEqual(rig.kinds(offsets), [SENT, SENT, SENT, SENT]);
  assert.notDeepEqual(rig.payload(offsets[0]!), accepted(PRICE_MARKET), "the stamps are there");
  const packet = accepted(PRICE_MARKET);
  assert.deepEqual(rig.written[0]!.subarray(0, packet.length), packet, "the client has its price");
  assert.deepEqual(
    offsets.map((offset) => rig.at(offset).flags),
    [OUTBOUND_FLAG.MARKET, 0, 0, 0],
  );
});

test("a full buffer says so before a packet finds no room in it", () => {
  for (const length of [OUTBOUND_PAYLOAD_BYTES_MAX, 60, 3]) {
    const rig = Rig.open();
    let count = 0;
    for (let hasRoom = true; hasRoom; count++) {
      hasRoom = rig.writer.add(rig.claim(Buffer.alloc(length, count)));
    }
    assert.equal(rig.writer.flush(), 0);
    const [write] = rig.written;
    assert.equal(rig.written.length, 1);
    assert.deepEqual(
      write,
      Buffer.concat(Array.from({ length: count }, (_, index) => Buffer.alloc(length, index))),
    );
    // By bytes or, with the shortest of packets, by their number.
    const isByNumber = count === WRITE_BYTES_MAX / 16;
    const isByBytes = write!.length > WRITE_BYTES_MAX - OUTBOUND_PAYLOAD_BYTES_MAX;
    assert.ok(write!.length <= WRITE_BYTES_MAX && isByNumber !== isByBytes, `${count} packets`);
    assert.equal(rig.writer.takeSentCount(), count);
    assert.ok(rig.writer.add(rig.claim(Buffer.alloc(length))), "and then there is room again");
  }
});

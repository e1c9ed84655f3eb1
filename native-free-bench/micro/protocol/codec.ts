// What the codecs cost: an Enter Order read with its appendage, an Accepted and an Executed written, and a chunk of
// 32 packets cut where they lie. Everything lies in one buffer, as in a receive buffer or a ring. Beside the window on
// an Enter Order, the same fields read into an object of numbers, strings and a BigInt, as one writes it first.
// Run: node native-free-bench/micro/protocol/codec.ts

import { APPENDAGE_OK, AppendageReader } from "../../../src/protocol/ouch/appendage-reader.ts";
import { AppendageWriter } from "../../../src/protocol/ouch/appendage-writer.ts";
import { CL_ORD_ID_BYTES } from "../../../src/protocol/ouch/cl-ord-id.ts";
import { LIQUIDITY, ORDER_STATE } from "../../../src/protocol/ouch/codes.ts";
import {
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TAGS,
  EnterOrder,
} from "../../../src/protocol/ouch/enter-order.ts";
import { ORDER_ACCEPTED_BYTES, OrderAccepted } from "../../../src/protocol/ouch/order-accepted.ts";
import { ORDER_EXECUTED_BYTES, OrderExecuted } from "../../../src/protocol/ouch/order-executed.ts";
import { TAG } from "../../../src/protocol/ouch/tag.ts";
import { PacketReader, type PacketSink } from "../../../src/protocol/soupbintcp/packet-reader.ts";
import {
  UNSEQUENCED_HEADER_BYTES,
  writeUnsequencedHeader,
} from "../../../src/protocol/soupbintcp/unsequenced.ts";
import { writeEnter } from "../../../src/tools/client/order-messages.ts";
import { type BenchCase, type BenchSize, measure } from "../../harness/measure.ts";
import { printResults } from "../../harness/print.ts";

const CHUNK_PACKETS = 32;
const START_NS = 34_200e9;

// One chunk: enters with three tags, each a little different, so that nothing can be worked out beforehand.
const chunk = Buffer.alloc(16 * 1024);
const chunkView = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
const messageOffsets = new Int32Array(CHUNK_PACKETS);
const messageBytes = new Int32Array(CHUNK_PACKETS);
let chunkBytes = 0;
for (let index = 0; index < CHUNK_PACKETS; index++) {
  const offset = chunkBytes + UNSEQUENCED_HEADER_BYTES;
  messageOffsets[index] = offset;
  messageBytes[index] = writeEnter(chunkView, offset, {
    userRefNum: index + 1,
    side: index % 2 === 0 ? "B" : "S",
    quantity: 100 + index,
    symbol: "AAPL",
    price: 1_895_000 + index * 100,
    tags: { FIRM: "LIME", HANDLE_INST: "Y", USER_REF_IDX: index % 4 },
  });
  chunkBytes += writeUnsequencedHeader(chunkView, chunkBytes, messageBytes[index]!);
}

const empty: BenchCase = {
  name: "empty",
  run(count) {
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      checksum = (checksum + messageOffsets[index % CHUNK_PACKETS]!) | 0;
    }
    return checksum;
  },
};

const readEnter: BenchCase = {
  name: "read Enter with three tags",
  run(count) {
    const enter = new EnterOrder();
    const tags = new AppendageReader();
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      const place = index % CHUNK_PACKETS;
      const base = messageOffsets[place]!;
      const bytes = messageBytes[place]!;
      const result = tags.read(chunkView, base, bytes, ENTER_ORDER_BYTES, false, ENTER_ORDER_TAGS);
      if (result !== APPENDAGE_OK) throw new Error("the bench's own message is refused");
      enter.wrap(chunkView, base);
      checksum = (checksum + enter.userRefNum + enter.side + enter.quantity + enter.price) | 0;
      checksum = (checksum ^ enter.symbolHigh ^ tags.firm) | 0;
      checksum = (checksum + tags.userRefIdx + tags.handleInst + enter.timeInForce) | 0;
    }
    return checksum;
  },
};

/** Offsets of an Enter Order's fields, as the specification has them. */
const FIELD = {
  USER_REF_NUM: 1,
  SIDE: 5,
  QUANTITY: 6,
  SYMBOL: 10,
  PRICE: 18,
  TIME_IN_FORCE: 26,
} as const;
const SYMBOL_END = FIELD.PRICE;

interface EnterObject {
  readonly userRefNum: number;
  readonly side: string;
  readonly quantity: number;
  readonly symbol: string;
  readonly price: bigint;
  readonly timeInForce: string;
}

const enterObjectAt = (bytes: Buffer, base: number): EnterObject => ({
  userRefNum: bytes.readUInt32BE(base + FIELD.USER_REF_NUM),
  side: String.fromCharCode(bytes.readUInt8(base + FIELD.SIDE)),
  quantity: bytes.readUInt32BE(base + FIELD.QUANTITY),
  symbol: bytes.toString("latin1", base + FIELD.SYMBOL, base + SYMBOL_END).trimEnd(),
  price: bytes.readBigUInt64BE(base + FIELD.PRICE),
  timeInForce: String.fromCharCode(bytes.readUInt8(base + FIELD.TIME_IN_FORCE)),
});

const readEnterObject: BenchCase = {
  name: "read Enter into an object, without its tags",
  run(count) {
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      const enter = enterObjectAt(chunk, messageOffsets[index % CHUNK_PACKETS]!);
      checksum = (checksum + enter.userRefNum + enter.quantity + Number(enter.price)) | 0;
      checksum = (checksum ^ enter.symbol.length) + enter.side.charCodeAt(0);
      checksum = (checksum + enter.timeInForce.charCodeAt(0)) | 0;
    }
    return checksum;
  },
};

/** A message into each of 64 places, as into a page of the outbox. */
const TARGETS = 64;
const TARGET_BYTES = 256;
const target = new DataView(new ArrayBuffer(TARGETS * TARGET_BYTES));
const appendage = new AppendageWriter();
const clOrdId = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));

const writeAccepted: BenchCase = {
  name: "write Accepted with two tags",
  run(count) {
    const enter = new EnterOrder();
    const accepted = new OrderAccepted();
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      const base = (index % TARGETS) * TARGET_BYTES;
      enter.wrap(chunkView, messageOffsets[index % CHUNK_PACKETS]!);
      accepted.wrap(target, base).start();
      accepted.timestamp = START_NS + index;
      accepted.userRefNum = enter.userRefNum;
      accepted.side = enter.side;
      accepted.quantity = enter.quantity;
      accepted.symbolHigh = enter.symbolHigh;
      accepted.symbolLow = enter.symbolLow;
      accepted.price = enter.price;
      accepted.timeInForce = enter.timeInForce;
      accepted.display = enter.display;
      accepted.orderReferenceHigh = 0x1234;
      accepted.orderReferenceLow = index;
      accepted.capacity = enter.capacity;
      accepted.interMarketSweep = enter.interMarketSweep;
      accepted.crossType = enter.crossType;
      accepted.orderState = ORDER_STATE.LIVE;
      accepted.copyClOrdIdFrom(clOrdId, 0);
      appendage.begin(target, base + ORDER_ACCEPTED_BYTES);
      appendage.u32(TAG.FIRM, 0x4c494d45).u8(TAG.USER_REF_IDX, index & 3);
      const end = appendage.end();
      checksum = (checksum + end + target.getInt32(base + (index & 31))) | 0;
    }
    return checksum;
  },
};

const writeExecuted: BenchCase = {
  name: "write Executed",
  run(count) {
    const executed = new OrderExecuted();
    let checksum = 0;
    for (let index = 0; index < count; index++) {
      const base = (index % TARGETS) * TARGET_BYTES;
      executed.wrap(target, base).start();
      executed.timestamp = START_NS + index;
      executed.userRefNum = index + 1;
      executed.quantity = 100;
      executed.price = 1_895_000 + (index & 255);
      executed.liquidityFlag = LIQUIDITY.ADDED;
      executed.matchNumberHigh = 0;
      executed.matchNumberLow = index;
      appendage.begin(target, base + ORDER_EXECUTED_BYTES);
      checksum = (checksum + appendage.end() + target.getInt32(base + (index & 31))) | 0;
    }
    return checksum;
  },
};

class Seen implements PacketSink {
  checksum = 0;
  onPacket(type: number, bytes: Buffer, _view: DataView, offset: number, count: number): boolean {
    this.checksum = (this.checksum + type + bytes[offset]! + offset + count) | 0;
    return true;
  }
}

const frameChunk: BenchCase = {
  name: `frame a chunk of ${CHUNK_PACKETS} packets`,
  run(count) {
    const reader = new PacketReader(1024);
    const seen = new Seen();
    for (let index = 0; index < count; index++) {
      const end = reader.read(chunk, chunkView, 0, chunkBytes, seen);
      if (end !== chunkBytes) throw new Error("the bench's own chunk is refused");
    }
    return seen.checksum;
  },
};

export const CODEC_CASES: readonly BenchCase[] = [
  empty,
  readEnter,
  readEnterObject,
  writeAccepted,
  writeExecuted,
  frameChunk,
];

if (import.meta.main) {
  const size: BenchSize = { count: 1_000_000, rounds: 7 };
  printResults(size, await measure(CODEC_CASES, size));
}

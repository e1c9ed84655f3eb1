import assert from "node:assert/strict";
import { test } from "node:test";
import { DETACH_REASON } from "../../src/memory/inbound-record.ts";
import {
  LOGIN_REFUSAL,
  OUTBOUND_FLAG,
  OUTBOUND_OFFSETS,
  OUTCOME,
} from "../../src/memory/outbound-record.ts";
import { PRICE_MARKET } from "../../src/protocol/ouch/codes.ts";
import { OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { OrderRejected } from "../../src/protocol/ouch/order-rejected.ts";
import {
  SEQUENCED_HEADER_BYTES,
  writeSequencedHeader,
} from "../../src/protocol/soupbintcp/sequenced.ts";
import { AccountNames, createAccountNames } from "../../src/telemetry/account-names.ts";
import { GateLog } from "../../src/telemetry/gate-log.ts";
import {
  createLogRing,
  LOG_RECORD_BYTES,
  LOG_RING_RECORDS,
  LogRecord,
} from "../../src/telemetry/log-record.ts";
import { type LoggedEvent, readLoggedEvent } from "../../src/telemetry/logged-event.ts";
import { markMarketAnswer } from "../../src/telemetry/market-answer.ts";
import { ORDER_RECORD_BYTES, ORDER_STAMP } from "../../src/telemetry/order-record.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";
import { createSampleCounts } from "../../src/telemetry/sample-counts.ts";
import { Sampler } from "../../src/telemetry/sampler.ts";
import {
  createTelemetryControl,
  SAMPLE_CLASS,
  TelemetryControl,
} from "../../src/telemetry/telemetry-control.ts";

const MS = 1e6;
const SYMBOL = ["AAPL", "    "].map((text) => Buffer.from(text).readInt32BE());

interface Answer {
  readonly type?: string;
  readonly answer?: "A" | "J";
  readonly price?: number;
  readonly totalNs?: number;
  readonly outcome?: number;
  readonly flags?: number;
  readonly userRefNum?: number;
}

/** An order record with a whole packet behind it, as it lies in an outbound slot before its beginning is copied. */
class LogRig {
  readonly memory = createLogRing();
  readonly control = new TelemetryControl(createTelemetryControl());
  readonly sampler = new Sampler(this.control, createSampleCounts());
  readonly log = new GateLog(this.memory, this.sampler, { slaNs: 8 * MS, tailNs: 5 * MS });
  readonly names = new AccountNames(createAccountNames(2, 16), 2);
  readonly reader = new RecordRingReader(this.memory, LOG_RECORD_BYTES);
  private readonly bytes = Buffer.from(new ArrayBuffer(4 * ORDER_RECORD_BYTES));
  private readonly view = new DataView(this.bytes.buffer);
  private readonly words = new Int32Array(this.bytes.buffer);
  private readonly doubles = new Float64Array(this.bytes.buffer);

  constructor() {
    this.names.set(1, 7, "ALICE");
  }

  answer(answer: Answer): boolean {
    const base = ORDER_RECORD_BYTES;
    const { bytes, view, words, doubles } = this;
    const { type = "O", outcome = OUTCOME.ACCEPTED, userRefNum = 4_000_000_000 } = answer;
    const letter = answer.answer ?? "A";
    bytes[base + OUTBOUND_OFFSETS.OUTCOME] = outcome;
    bytes[base + OUTBOUND_OFFSETS.REQUEST_TYPE] = type.charCodeAt(0);
    bytes[base + OUTBOUND_OFFSETS.ANSWER_TYPE] = letter.charCodeAt(0);
    bytes[base + OUTBOUND_OFFSETS.FLAGS] = answer.flags ?? 0;
    bytes[base + OUTBOUND_OFFSETS.LANE] = 1;
    words[(base + OUTBOUND_OFFSETS.CONNECTION) >> 2] = 42;
    words[(base + OUTBOUND_OFFSETS.ACCOUNT) >> 2] = 7;
    words[(base + OUTBOUND_OFFSETS.USER_REF_NUM) >> 2] = userRefNum;
    const packet = base + OUTBOUND_OFFSETS.PAYLOAD;
    const message = packet + SEQUENCED_HEADER_BYTES;
    if (letter === "A") {
      const accepted = new OrderAccepted().wrap(view, message).start();
      accepted.symbolHigh = SYMBOL[0] ?? 0;
      accepted.symbolLow = SYMBOL[1] ?? 0;
      accepted.price = answer.price ?? 1_000_000;
    } else {
      new OrderRejected().wrap(view, message).start().reason = 0x17;
    }
    const packetBytes = writeSequencedHeader(view, packet, 64);
    bytes[base + OUTBOUND_OFFSETS.PAYLOAD_BYTES] = packetBytes;
    markMarketAnswer(bytes, base);
    // What the gate adds lies where the packet's rest did.
    const sinceNs = 2 ** 41 + 123;
    doubles[(base >> 3) + ORDER_STAMP.SINCE_NS] = sinceNs;
    doubles[(base >> 3) + ORDER_STAMP.WRITTEN_NS] = sinceNs + (answer.totalNs ?? 50_000);
    const wasDue = this.log.answer(words, doubles, bytes, base);
    this.log.handOver();
    return wasDue;
  }

  read(): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    const record = new LogRecord();
    this.reader.drain(Number.MAX_SAFE_INTEGER, (offset) => {
      events.push(readLoggedEvent(record.wrap(this.memory, offset), this.names));
    });
    return events;
  }
}

test("an answer that is due is logged with all that is known of it", () => {
  const rig = new LogRig();
  rig.control.setShare(SAMPLE_CLASS.limit, 1);
  assert.equal(rig.answer({ totalNs: 61_499 }), true);
  assert.deepEqual(rig.read(), [
    {
      event: "answer",
      thread: "gate",
      status: "ok",
      account: "ALICE",
      type: "O",
      userRefNum: 4_000_000_000,
      answer: "A",
      symbol: "AAPL",
      totalUs: 61,
      why: "sampled",
      connection: 42,
    },
  ]);
});

test("the core of a record has its id, its time, its status and how long it took", () => {
  const rig = new LogRig();
  rig.answer({ totalNs: 9 * MS });
  rig.reader.drain(1, (offset) => {
    const view = new DataView(rig.memory, offset);
    assert.equal(view.getBigUint64(0, true), (1n << 56n) | (7n << 32n) | 4_000_000_000n);
    assert.equal(view.getBigUint64(8, true), 2n ** 41n + 123n + 9_000_000n);
    assert.equal(view.getUint8(16), 2, "later than the SLA");
    assert.equal(view.getInt32(17, true), 9_000);
  });
});

test("what is neither due nor always kept is left out, and counted", () => {
  const rig = new LogRig();
  assert.equal(rig.answer({}), false);
  assert.equal(rig.answer({ totalNs: 5 * MS }), false);
  assert.deepEqual(rig.read(), []);
  assert.equal(rig.sampler.counts.leftOut(SAMPLE_CLASS.limit), 2);
});

test("what was slow or rejected is always kept, and says why", () => {
  const rig = new LogRig();
  assert.equal(rig.answer({ totalNs: 5 * MS + 1 }), true);
  assert.equal(rig.answer({ totalNs: 8 * MS + 1 }), true);
  assert.equal(rig.answer({ answer: "J", outcome: OUTCOME.REJECTED }), true);
  rig.answer({ answer: "J", outcome: OUTCOME.DELAYED_REJECTED, totalNs: 9 * MS });
  assert.deepEqual(
    rig
      .read()
      .map(({ status, why, answer, delayed, reason }) => [status, why, answer, delayed, reason]),
    [
      ["ok", "slow", "A", undefined, undefined],
      ["time-out", "slow", "A", undefined, undefined],
      ["error", "rejected", "J", undefined, "0017 invalid symbol"],
      ["error", "slow rejected", "J", true, "0017 invalid symbol"],
    ],
  );
});

test("requests are of the class that the issue of their share is about", () => {
  const rig = new LogRig();
  rig.answer({ price: PRICE_MARKET });
  for (const type of "OUXCMDEQ") rig.answer({ type });
  const { counts } = rig.sampler;
  const seen = Object.entries(SAMPLE_CLASS).map(([name, each]) => [name, counts.seen(each)]);
  assert.deepEqual(Object.fromEntries(seen), {
    market: 1,
    limit: 1,
    replace: 1,
    cancel: 2,
    other: 4,
  });
});

test("a market order and an answer that its own client held up are marked", () => {
  const rig = new LogRig();
  rig.control.setShare(SAMPLE_CLASS.market, 1);
  rig.answer({ price: PRICE_MARKET, flags: OUTBOUND_FLAG.PEER_LIMITED });
  const [event] = rig.read();
  assert.equal(event?.market, true);
  assert.equal(event?.peerLimited, true);
});

test("times that no record can hold are clamped", () => {
  const rig = new LogRig();
  rig.answer({ totalNs: 2 ** 50 });
  assert.equal(rig.read()[0]?.totalUs, 2 ** 31 - 1);
});

test("what happens to connections is always kept, with who they are and nothing of a login", () => {
  const rig = new LogRig();
  const connection = { epoch: 12, index: 3, account: "BOB", address: "127.0.0.1:50000" };
  rig.log.login(connection, 1e9);
  for (const refusal of Object.values(LOGIN_REFUSAL)) {
    rig.log.loginRefused(connection, refusal, 2e9);
  }
  rig.log.disconnect(connection, DETACH_REASON.STALLED, 3e9);
  rig.log.disconnect({ ...connection, account: "" }, DETACH_REASON.CLOSED, 3e9);
  rig.log.disconnect(connection, DETACH_REASON.SUPERSEDED, 3e9);
  rig.log.connectionRefused("fe80:1111:2222:3333:4444:5555:6666:7777", 4e9);
  const of = { thread: "gate", account: "BOB", address: "127.0.0.1:50000", connection: 3 };
  assert.deepEqual(rig.read(), [
    { event: "login", status: "ok", ...of },
    ...["session", "ahead", "takeovers", "credentials", "malformed"].map((reason) => ({
      event: "login-refused",
      status: "error",
      ...of,
      reason,
    })),
    { event: "disconnect", status: "time-out", ...of, reason: "stalled" },
    { event: "disconnect", status: "disconnect", ...of, account: "", reason: "closed" },
    { event: "disconnect", status: "closed", ...of, reason: "superseded" },
    {
      event: "connection-refused",
      status: "error",
      thread: "gate",
      account: "",
      address: "fe80:1111:2222:3333:4444",
    },
  ]);
});

test("what a terminal would obey in a name that was refused is shown as its byte", () => {
  const rig = new LogRig();
  const connection = { epoch: 12, index: 3, account: "\x1bC\x9b2J", address: "127.0.0.1:50000" };
  rig.log.loginRefused(connection, LOGIN_REFUSAL.CREDENTIALS, 1e9);
  assert.equal(rig.read()[0]?.account, "\\x1bC\\x9b2J");
});

test("a ring that nobody reads takes no more, and an answer is none the worse", () => {
  const rig = new LogRig();
  for (let answer = 0; answer < LOG_RING_RECORDS; answer++) {
    assert.equal(rig.answer({ totalNs: 6 * MS }), true);
  }
  assert.equal(rig.log.ring.isBreakerOpen, true);
  assert.equal(rig.log.ring.droppedCount + rig.read().length, LOG_RING_RECORDS);
});

// What the order log costs the gate per answer: one that is left out, one that is logged, and beside that a logged one
// written field by field through a DataView. Nobody drains: room is handed back as a scribe would.
// Run: node native-free-bench/micro/telemetry/log-emit.ts [answers]

import { OUTBOUND_OFFSETS, OUTCOME } from "../../../src/memory/outbound-record.ts";
import { THREAD } from "../../../src/telemetry/event-record.ts";
import { GateLog } from "../../../src/telemetry/gate-log.ts";
import {
  createLogRing,
  LOG_CORE_BYTES,
  LOG_FRAME_BYTES_MAX,
  LOG_KIND,
  LOG_RECORD_BYTES,
  LOG_WHY,
} from "../../../src/telemetry/log-record.ts";
import {
  ORDER_BYTE,
  ORDER_RECORD_BYTES,
  ORDER_STAMP,
} from "../../../src/telemetry/order-record.ts";
import { RecordRingReader, RecordRingWriter } from "../../../src/telemetry/record-ring.ts";
import { createSampleCounts } from "../../../src/telemetry/sample-counts.ts";
import { Sampler } from "../../../src/telemetry/sampler.ts";
import {
  createTelemetryControl,
  SAMPLE_CLASS,
  TelemetryControl,
} from "../../../src/telemetry/telemetry-control.ts";
import {
  type BenchCase,
  type BenchResult,
  type BenchSize,
  measure,
} from "../../harness/measure.ts";
import { machineLine } from "../../harness/print.ts";

/** Few enough for the nearest cache, where the recorder that calls has just had each. */
const ANSWERS = 128;
const ACCEPTED = "A".charCodeAt(0);
const ENTERED = "O".charCodeAt(0);
const PACKET_BYTES = 70;

const bytes = Buffer.from(new ArrayBuffer(ANSWERS * ORDER_RECORD_BYTES));
const words = new Int32Array(bytes.buffer);
const doubles = new Float64Array(bytes.buffer);
for (let answer = 0; answer < ANSWERS; answer++) {
  const base = answer * ORDER_RECORD_BYTES;
  bytes.fill(answer, base, base + ORDER_RECORD_BYTES);
  bytes[base + OUTBOUND_OFFSETS.OUTCOME] = OUTCOME.ACCEPTED;
  bytes[base + OUTBOUND_OFFSETS.REQUEST_TYPE] = ENTERED;
  bytes[base + OUTBOUND_OFFSETS.ANSWER_TYPE] = ACCEPTED;
  bytes[base + OUTBOUND_OFFSETS.FLAGS] = 0;
  bytes[base + OUTBOUND_OFFSETS.LANE] = 0;
  bytes.writeUInt16LE(PACKET_BYTES, base + OUTBOUND_OFFSETS.PAYLOAD_BYTES);
  words[(base + OUTBOUND_OFFSETS.ACCOUNT) >> 2] = answer & 15;
  words[(base + OUTBOUND_OFFSETS.USER_REF_NUM) >> 2] = answer + 1;
  words[(base + OUTBOUND_OFFSETS.CONNECTION) >> 2] = answer & 15;
  doubles[(base >> 3) + ORDER_STAMP.SINCE_NS] = 3600e9 + answer * 1000;
  doubles[(base >> 3) + ORDER_STAMP.WRITTEN_NS] = 3600e9 + answer * 1000 + 60_000;
}

/** The last answer's core, so that both ways can be seen to write the same. */
function lastCore(ring: RecordRingWriter, offset: number): number {
  let sum = 0;
  for (let byte = 0; byte < LOG_CORE_BYTES; byte++) {
    sum = (Math.imul(sum, 31) + ring.bytes[offset + byte]!) | 0;
  }
  return sum;
}

/** As the gate has them under load. */
const ANSWERS_AT_ONCE = 128;

const emptyCase: BenchCase = {
  name: "answers alone",
  run(count) {
    let sum = 0;
    for (let index = 0; index < count; index++) {
      sum += bytes[(index & (ANSWERS - 1)) * ORDER_RECORD_BYTES + ORDER_BYTE.REQUEST_TYPE]!;
    }
    return sum;
  },
};

const emitCase = (name: string, share: number): BenchCase => {
  const memory = createLogRing();
  const control = new TelemetryControl(createTelemetryControl());
  control.setShare(SAMPLE_CLASS.limit, share);
  const sampler = new Sampler(control, createSampleCounts());
  const log = new GateLog(memory, sampler, { slaNs: 8e6, tailNs: 5e6 });
  const reader = new RecordRingReader(memory, LOG_RECORD_BYTES);
  return {
    name,
    run(count) {
      for (let index = 0; index < count; index++) {
        const answer = index & (ANSWERS - 1);
        log.answer(words, doubles, bytes, answer * ORDER_RECORD_BYTES);
        if (index % ANSWERS_AT_ONCE === 0) log.handOver();
        if (answer === ANSWERS - 1) reader.handBack(reader.waitingCount);
      }
      log.handOver();
      reader.handBack(reader.waitingCount);
      return lastCore(log.ring, offsetOfLast(reader));
    },
  };
};

/** Takes the record back that was handed back last, to see where it lies. */
function offsetOfLast(reader: RecordRingReader): number {
  let last = 0;
  reader.handBack(-1);
  reader.drain(1, (offset) => {
    last = offset;
  });
  return last;
}

// As log-record.ts has them, within a record.
const NS = 8;
const STATUS = 16;
const DELTA = 17;
const CONNECTION = LOG_CORE_BYTES + 3;

const naiveCase = (): BenchCase => {
  const memory = createLogRing();
  const ring = new RecordRingWriter(memory, LOG_RECORD_BYTES);
  const reader = new RecordRingReader(memory, LOG_RECORD_BYTES);
  const view = new DataView(memory);
  const source = new DataView(bytes.buffer);
  const write = (base: number): void => {
    const target = ring.claim();
    const sinceNs = source.getFloat64(base + ORDER_STAMP.SINCE_NS * 8, true);
    const writtenNs = source.getFloat64(base + ORDER_STAMP.WRITTEN_NS * 8, true);
    const account = source.getInt32(base + OUTBOUND_OFFSETS.ACCOUNT, true);
    const number = source.getUint32(base + OUTBOUND_OFFSETS.USER_REF_NUM, true);
    view.setBigUint64(target, (BigInt(account) << 32n) | BigInt(number), true);
    view.setBigUint64(target + NS, BigInt(writtenNs), true);
    view.setUint8(target + STATUS, 0);
    view.setInt32(target + DELTA, Math.round((writtenNs - sinceNs) / 1000), true);
    view.setUint8(target + LOG_CORE_BYTES, LOG_KIND.ANSWER);
    view.setUint8(target + LOG_CORE_BYTES + 1, THREAD.GATE);
    view.setUint8(target + LOG_CORE_BYTES + 2, ENTERED);
    view.setInt32(target + CONNECTION, source.getInt32(base + OUTBOUND_OFFSETS.CONNECTION), true);
    view.setInt32(target + CONNECTION + 4, account, true);
    view.setUint32(target + CONNECTION + 8, number, true);
    view.setUint8(target + CONNECTION + 12, LOG_WHY.SAMPLED);
    const frame = base + ORDER_BYTE.FRAME;
    const room = target + LOG_RECORD_BYTES - LOG_FRAME_BYTES_MAX;
    ring.bytes.set(bytes.subarray(frame, frame + LOG_FRAME_BYTES_MAX), room);
    ring.publish();
  };
  return {
    name: "logged, field by field",
    run(count) {
      for (let index = 0; index < count; index++) {
        const answer = index & (ANSWERS - 1);
        write(answer * ORDER_RECORD_BYTES);
        if (answer === ANSWERS - 1) reader.handBack(reader.waitingCount);
      }
      reader.handBack(reader.waitingCount);
      return lastCore(ring, offsetOfLast(reader));
    },
  };
};

export const measureEmit = (size: BenchSize): Promise<BenchResult[]> =>
  measure([emptyCase, emitCase("left out", 0), emitCase("logged", 1), naiveCase()], size);

if (import.meta.main) {
  const [answers = "1000000"] = process.argv.slice(2);
  const size: BenchSize = { count: Number(answers), rounds: 9 };
  console.log(`${machineLine()}; median of ${size.rounds} rounds of ${size.count} answers`);
  for (const { name, nsPerOperation, checksum } of await measureEmit(size)) {
    const cost = `${nsPerOperation.toFixed(1).padStart(8)} ns an answer`;
    console.log(`  ${name.padEnd(24)}${cost}  checksum ${checksum >>> 0}`);
  }
}

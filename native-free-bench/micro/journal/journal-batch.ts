// What the journal costs a lane per record, by batch size: append and commit onto a disk, onto one that takes no time
// (what is our own work), and beside them nothing but a pwrite of the same bytes, both with and without fdatasync.
// Run: node native-free-bench/micro/journal/journal-batch.ts [batches] [synced batches] [directory]

import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClock } from "../../../src/base/clock.ts";
import { Digest } from "../../../src/base/digest.ts";
import { type Files, realFiles } from "../../../src/journal/files.ts";
import {
  BATCH_BYTES_MAX,
  BATCH_HEADER_BYTES,
  journalRecordBytes,
  SEGMENT_HEADER_BYTES,
} from "../../../src/journal/journal-layout.ts";
import { segmentPath } from "../../../src/journal/journal-names.ts";
import { JournalWriter } from "../../../src/journal/journal-writer.ts";
import { NoInputLog } from "../../../src/lane/input-log.ts";
import { INBOUND_KIND, InboundRecord } from "../../../src/memory/inbound-record.ts";
import { createJournalBlock, JournalBlock } from "../../../src/memory/journal-block.ts";
import { LANE_BEHAVIOUR_VERSION } from "../../../src/memory/lane-config.ts";
import { SLOT_BYTES, SlotMemory } from "../../../src/memory/slot-memory.ts";
import { ENTER_ORDER_BYTES } from "../../../src/protocol/ouch/enter-order.ts";
import { BENCH_BUILD } from "../../harness/bench-journal.ts";
import { BENCH_SESSION } from "../../harness/bench-lane.ts";
import {
  type BenchCase,
  type BenchResult,
  type BenchSize,
  measure,
} from "../../harness/measure.ts";
import { machineLine } from "../../harness/print.ts";

export const BATCH_SIZES = [1, 4, 16, 64, 256];
const RECORD_PAYLOAD_BYTES = ENTER_ORDER_BYTES + 2; // without tags
const SLOTS = 256;
const SEGMENT = 1;
const FILE_BYTES = 16 * 2 ** 20;
/** As a segment without an end has it: it is written round and round, so that no bench waits for staging. */
const ENDLESS_BYTES = 2 ** 40;

const place = (position: number): number => position % (FILE_BYTES - BATCH_BYTES_MAX);

const roundFiles: Files = {
  ...realFiles,
  size: () => ENDLESS_BYTES,
  write: (descriptor, bytes, offset, length, position) =>
    writeSync(descriptor, bytes, offset, length, place(position)),
};
/** The sync that ends a journal is not part of what a batch costs. */
const unsyncedFiles: Files = { ...roundFiles, sync: () => undefined };
/** A disk that takes everything at once. */
const noDisk: Files = {
  ...unsyncedFiles,
  write: (_descriptor, _bytes, _offset, length) => length,
};

/** What a lane hands to its log: 256 slots of Enter Orders, each another one. */
const slots = new SlotMemory(new ArrayBuffer(SLOTS * SLOT_BYTES));
const digest = new Digest();
for (let slot = 0; slot < SLOTS; slot++) {
  const record = new InboundRecord().wrap(slots, slot * SLOT_BYTES);
  record.start(INBOUND_KIND.MESSAGE, slot % 16, 1);
  record.flags = 0;
  record.eventNs = 34_200e9 + slot;
  record.payloadBytes = RECORD_PAYLOAD_BYTES;
  slots.bytes.fill(slot, record.payloadOffset, record.payloadOffset + RECORD_PAYLOAD_BYTES);
}

type Log = Pick<JournalWriter, "append" | "commit">;

function fill(log: Log, batches: number, batch: number): void {
  for (let index = 0; index < batches; index++) {
    for (let slot = 0; slot < batch; slot++) log.append(slots, slot * SLOT_BYTES, digest);
    log.commit(digest);
  }
}

interface Place {
  readonly laneDirectory: string;
  /** Full of zeros, and on the disk. */
  readonly barePath: string;
}

const emptyCase = (batch: number): BenchCase => {
  const log = new NoInputLog();
  return {
    name: "no journal",
    run(count) {
      fill(log, count, batch);
      return count;
    },
  };
};

const journalCase = (
  name: string,
  batch: number,
  files: Files,
  durability: "process-crash" | "power-loss",
  { laneDirectory }: Place,
): BenchCase => ({
  name,
  run(count) {
    // A journal that goes on with its first segment: each round writes the same bytes to the same places.
    const writer = new JournalWriter({
      files,
      laneDirectory,
      lane: 0,
      session: BENCH_SESSION,
      build: BENCH_BUILD,
      behaviourVersion: LANE_BEHAVIOUR_VERSION,
      incarnation: 1,
      durability,
      block: new JournalBlock(createJournalBlock()),
      position: {
        segment: SEGMENT,
        offset: SEGMENT_HEADER_BYTES,
        nextRecord: 1,
        previousChecksum: 0,
      },
      clock: startClock().clock,
      onWaiting: () => undefined,
    });
    fill(writer, count, batch);
    const { previousChecksum } = writer.position;
    writer.close();
    return previousChecksum;
  },
});

const bareCase = (name: string, batch: number, syncs: boolean, { barePath }: Place): BenchCase => {
  const bytes = Buffer.alloc(batchBytes(batch), 0x4f);
  return {
    name,
    run(count) {
      const descriptor = openSync(barePath, "r+");
      let position = SEGMENT_HEADER_BYTES;
      for (let index = 0; index < count; index++) {
        position += writeSync(descriptor, bytes, 0, bytes.length, place(position));
        if (syncs) fdatasyncSync(descriptor);
      }
      closeSync(descriptor);
      return position;
    },
  };
};

const batchBytes = (batch: number): number =>
  BATCH_HEADER_BYTES + batch * journalRecordBytes(RECORD_PAYLOAD_BYTES);

export interface BatchCost {
  readonly batch: number;
  readonly bytes: number;
  /** Per batch. */
  readonly written: readonly BenchResult[];
  readonly synced: readonly BenchResult[];
}

export async function measureBatches(
  written: BenchSize,
  synced: BenchSize,
  parent: string,
): Promise<BatchCost[]> {
  const laneDirectory = mkdtempSync(join(parent, "tailgate-journal-batch-"));
  try {
    const place = { laneDirectory, barePath: join(laneDirectory, "bare") };
    makeFile(segmentPath(laneDirectory, SEGMENT));
    makeFile(place.barePath);
    const costs: BatchCost[] = [];
    for (const batch of BATCH_SIZES) {
      const bytes = batchBytes(batch);
      const writtenCases = [
        emptyCase(batch),
        journalCase("journal, no disk", batch, noDisk, "process-crash", place),
        bareCase("bare pwrite", batch, false, place),
        journalCase("process-crash", batch, unsyncedFiles, "process-crash", place),
      ];
      const syncedCases = [
        emptyCase(batch),
        bareCase("bare pwrite + fdatasync", batch, true, place),
        journalCase("power-loss", batch, roundFiles, "power-loss", place),
      ];
      costs.push({
        batch,
        bytes,
        written: await measure(writtenCases, written),
        synced: await measure(syncedCases, synced),
      });
    }
    return costs;
  } finally {
    rmSync(laneDirectory, { recursive: true, force: true });
  }
}

/** Real zeros, on the disk, as the keeper stages them: a sync has no sizes and no extents to write then. */
function makeFile(path: string): void {
  const descriptor = openSync(path, "w");
  const zeros = Buffer.alloc(2 ** 20);
  for (let at = 0; at < FILE_BYTES; at += zeros.length) {
    writeSync(descriptor, zeros, 0, zeros.length, at);
  }
  fdatasyncSync(descriptor);
  closeSync(descriptor);
}

if (import.meta.main) {
  const [batches = "5000", syncedBatches = "200", directory = tmpdir()] = process.argv.slice(2);
  const written: BenchSize = { count: Number(batches), rounds: 7 };
  const synced: BenchSize = { count: Number(syncedBatches), rounds: 5 };
  const sizes = `median of ${written.rounds} rounds of ${written.count} batches`;
  const syncedSizes = `synced ${synced.rounds} of ${synced.count}`;
  console.log(`${machineLine()}; ${sizes}, ${syncedSizes}; ${directory}`);
  for (const { batch, bytes, ...costs } of await measureBatches(written, synced, directory)) {
    console.log(`${batch} ${batch === 1 ? "record" : "records"} a batch, ${bytes} bytes`);
    for (const { name, nsPerOperation, checksum } of [...costs.written, ...costs.synced.slice(1)]) {
      const perBatch = `${(nsPerOperation / 1000).toFixed(2).padStart(10)} µs a batch`;
      const perRecord = `${(nsPerOperation / batch).toFixed(0).padStart(10)} ns a record`;
      console.log(`  ${name.padEnd(24)}${perBatch}${perRecord}  checksum ${checksum >>> 0}`);
    }
  }
}

// A lane's state as a file: a checkpoint (semantics §3.5). Written beside, synced, then renamed, so that there is a whole
// one or none; read only after all of it has been found to fit its checksum. Keeper; lane thread at start.

import { crc32 } from "node:zlib";
import {
  type CheckpointFacts,
  type CheckpointHeader,
  readCheckpointHeader,
  writeCheckpointHeader,
} from "./checkpoint-header.ts";
import { CHECKPOINT_HEADER_BYTES } from "./checkpoint-layout.ts";
import { orIoFault, readWhole, writeWhole } from "./file-faults.ts";
import type { Files } from "./files.ts";
import { JournalMemory } from "./journal-memory.ts";
import { checkpointPath, writingPath } from "./journal-names.ts";
import { bytesOf, type Elements, type StateReader, type StateWriter } from "./state-stream.ts";

const CHUNK_BYTES = 2 ** 20;
const NUMBER_BYTES = Float64Array.BYTES_PER_ELEMENT;

/** Ends with finish() or abandon(). Throws JOURNAL_IO; then, too, it is to be abandoned. */
export class StateFileWriter implements StateWriter {
  private readonly files: Files;
  private readonly laneDirectory: string;
  private readonly facts: CheckpointFacts;
  private readonly path: string;
  private descriptor: number;
  private readonly chunk = Buffer.alloc(CHUNK_BYTES);
  private used = 0;
  private written = 0; // of the body
  private checksum = 0;
  private readonly scratch = Buffer.alloc(NUMBER_BYTES);

  constructor(files: Files, laneDirectory: string, facts: CheckpointFacts) {
    this.files = files;
    this.laneDirectory = laneDirectory;
    this.facts = facts;
    this.path = writingPath(checkpointPath(laneDirectory, facts.position.segment));
    const { path } = this;
    // One that died before us may have left its beginning.
    if (orIoFault(path, "exists", () => files.exists(path))) {
      orIoFault(path, "remove", () => files.remove(path));
    }
    this.descriptor = orIoFault(path, "open", () => files.open(path, true));
  }

  mark(name: string): void {
    this.text(name);
  }

  number(value: number): void {
    if (this.used + NUMBER_BYTES <= CHUNK_BYTES) {
      this.used = this.chunk.writeDoubleLE(value, this.used);
      return;
    }
    this.scratch.writeDoubleLE(value);
    this.put(this.scratch);
  }

  text(value: string): void {
    const bytes = Buffer.from(value, "utf8");
    this.number(bytes.length);
    this.put(bytes);
  }

  array(values: Elements, start: number, count: number): void {
    const bytes = bytesOf(values, start, count);
    this.number(bytes.length);
    this.put(bytes);
  }

  /** Makes it the checkpoint. When it returns, the file and its name are on the disk. */
  finish(): void {
    this.writeChunk();
    this.writeHeader();
    const { files, path, descriptor, laneDirectory, facts } = this;
    orIoFault(path, "sync", () => files.sync(descriptor));
    this.close();
    const finished = checkpointPath(laneDirectory, facts.position.segment);
    orIoFault(path, "rename", () => files.rename(path, finished));
    orIoFault(laneDirectory, "sync", () => files.syncDirectory(laneDirectory));
  }

  /** Leaves nothing behind. */
  abandon(): void {
    this.close();
    const { files, path } = this;
    orIoFault(path, "remove", () => files.remove(path));
  }

  private put(bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      if (this.used === CHUNK_BYTES) this.writeChunk();
      const length = Math.min(bytes.length - done, CHUNK_BYTES - this.used);
      this.chunk.set(bytes.subarray(done, done + length), this.used);
      this.used += length;
      done += length;
    }
  }

  private writeChunk(): void {
    const { files, path, descriptor, chunk, used, written } = this;
    this.checksum = crc32(chunk.subarray(0, used), this.checksum);
    writeWhole(files, path, descriptor, chunk, 0, used, CHECKPOINT_HEADER_BYTES + written);
    this.written = written + used;
    this.used = 0;
  }

  private writeHeader(): void {
    const { files, path, descriptor, facts } = this;
    const memory = new JournalMemory(CHECKPOINT_HEADER_BYTES);
    const header = { ...facts, bodyBytes: this.written, bodyChecksum: this.checksum };
    writeCheckpointHeader(memory, header);
    writeWhole(files, path, descriptor, memory.bytes, 0, CHECKPOINT_HEADER_BYTES, 0);
  }

  private close(): void {
    const { files, path, descriptor } = this;
    if (descriptor === CLOSED) return;
    this.descriptor = CLOSED;
    orIoFault(path, "close", () => files.close(descriptor));
  }
}

const CLOSED = -1;

/** The checkpoint of a segment, wholly verified; or why it cannot be used. Close it when it has been read. */
export function openCheckpoint(
  files: Files,
  laneDirectory: string,
  segment: number,
): StateFileReader | string {
  const path = checkpointPath(laneDirectory, segment);
  const descriptor = orIoFault(path, "open", () => files.openToRead(path));
  let reader: StateFileReader | string = "";
  try {
    const memory = new JournalMemory(CHECKPOINT_HEADER_BYTES);
    readWhole(files, path, descriptor, memory.bytes, 0, CHECKPOINT_HEADER_BYTES, 0);
    const header = readCheckpointHeader(memory);
    const isGood = typeof header !== "string" && isBodyWhole(files, path, descriptor, header);
    if (typeof header === "string") reader = header;
    else if (!isGood) reader = "its state does not fit its checksum";
    else if (header.position.segment !== segment) reader = "it is another segment's";
    else reader = new StateFileReader(files, path, descriptor, header);
  } finally {
    if (typeof reader === "string") orIoFault(path, "close", () => files.close(descriptor));
  }
  return reader;
}

function isBodyWhole(
  files: Files,
  path: string,
  descriptor: number,
  { bodyBytes, bodyChecksum }: CheckpointHeader,
): boolean {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let checksum = 0;
  for (let done = 0; done < bodyBytes; done += CHUNK_BYTES) {
    const length = Math.min(CHUNK_BYTES, bodyBytes - done);
    const position = CHECKPOINT_HEADER_BYTES + done;
    if (readWhole(files, path, descriptor, chunk, 0, length, position) < length) return false;
    checksum = crc32(chunk.subarray(0, length), checksum);
  }
  return checksum === bodyChecksum;
}

export class StateFileReader implements StateReader {
  readonly facts: CheckpointFacts;

  private readonly files: Files;
  private readonly path: string;
  private readonly bodyBytes: number;
  private descriptor: number;
  private readonly chunk = Buffer.alloc(CHUNK_BYTES);
  private chunkEnd = 0;
  private used = 0; // of the chunk
  private loaded = 0; // of the body
  private readonly scratch = Buffer.alloc(NUMBER_BYTES);

  constructor(files: Files, path: string, descriptor: number, header: CheckpointHeader) {
    this.files = files;
    this.path = path;
    this.descriptor = descriptor;
    const { bodyBytes, bodyChecksum, ...facts } = header;
    this.bodyBytes = bodyBytes;
    this.facts = facts;
  }

  /** All of it has been read. */
  get isAtEnd(): boolean {
    return this.loaded === this.bodyBytes && this.used === this.chunkEnd;
  }

  mark(name: string): void {
    const found = this.text();
    if (found !== name) throw new Error(`state of ${name} is wanted where ${found} is`);
  }

  number(): number {
    if (this.used + NUMBER_BYTES <= this.chunkEnd) {
      this.used += NUMBER_BYTES;
      return this.chunk.readDoubleLE(this.used - NUMBER_BYTES);
    }
    this.take(this.scratch);
    return this.scratch.readDoubleLE();
  }

  text(): string {
    const length = this.number();
    if (!(length >= 0 && length <= this.bodyBytes)) throw new Error("a text is wanted elsewhere");
    const bytes = Buffer.alloc(length);
    this.take(bytes);
    return bytes.toString("utf8");
  }

  array(values: Elements, start: number, count: number): void {
    const bytes = bytesOf(values, start, count);
    const found = this.number();
    if (found !== bytes.length) {
      throw new Error(`an array of ${bytes.length} bytes is wanted where ${found} were written`);
    }
    this.take(bytes);
  }

  close(): void {
    const { files, path, descriptor } = this;
    if (descriptor === CLOSED) return;
    this.descriptor = CLOSED;
    orIoFault(path, "close", () => files.close(descriptor));
  }

  private take(target: Uint8Array): void {
    let done = 0;
    while (done < target.length) {
      if (this.used === this.chunkEnd) this.load();
      const length = Math.min(target.length - done, this.chunkEnd - this.used);
      this.chunk.copy(target, done, this.used, this.used + length);
      this.used += length;
      done += length;
    }
  }

  private load(): void {
    const { files, path, descriptor, chunk, loaded } = this;
    const length = Math.min(CHUNK_BYTES, this.bodyBytes - loaded);
    if (length === 0) throw new Error("state ends before it is read");
    const position = CHECKPOINT_HEADER_BYTES + loaded;
    const read = readWhole(files, path, descriptor, chunk, 0, length, position);
    if (read < length) throw new Error("a checkpoint became shorter while it was read");
    this.loaded += length;
    this.chunkEnd = length;
    this.used = 0;
  }
}

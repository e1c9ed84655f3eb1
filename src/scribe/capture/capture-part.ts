// Writes what the gate puts into a capture's ring to its file, and beside it the pressure that all threads were under.
// A disk that takes no more ends the capture, and nothing else. Scribe thread.

import { existsSync } from "node:fs";
import { messageOf } from "../../base/message-of.ts";
import { findTail } from "../../capture/capture-file-tail.ts";
import { CaptureFileWriter, type WriteBytes } from "../../capture/capture-file-writer.ts";
import {
  CAPTURE_HEADER_BYTES,
  CAPTURE_KIND,
  type CaptureInfo,
  type PressureFacts,
} from "../../capture/capture-record.ts";
import { kindAt, paddedBytes, recordBytesAt } from "../../capture/capture-record-layout.ts";
import { CAPTURE_COUNT, CaptureRingReader, captureCount } from "../../capture/capture-ring.ts";
import type {
  ScribeCaptureBegun,
  ScribeCaptureEnded,
  ScribeCaptureStart,
  ScribeCaptureStop,
} from "../../memory/scribe-worker-data.ts";
import {
  EVENT_KIND,
  EVENT_NAMES,
  type TelemetryEvent,
  threadName,
} from "../../telemetry/event-record.ts";
import type { ScribePart } from "../scribe-part.ts";

/** Some ten milliseconds of a disk that is not slow. */
const BYTES_PER_TICK = 4 * 1024 * 1024;

export interface CaptureStats {
  readonly isRunning: boolean;
  readonly fileBytes: number;
  /** Of all captures since this scribe began. */
  readonly chunks: number;
  readonly bytes: number;
  readonly lostChunks: number;
  readonly lostBytes: number;
}

interface Running {
  readonly number: number;
  readonly memory: SharedArrayBuffer;
  readonly ring: CaptureRingReader;
  readonly writer: CaptureFileWriter;
  readonly bytesMax: number;
  readonly beginsNs: number;
}

export class CapturePart implements ScribePart {
  isBehind = false;
  private readonly tell: (message: ScribeCaptureBegun | ScribeCaptureEnded) => void;
  private readonly write: WriteBytes | undefined;
  private running: Running | undefined;
  /** Counts of captures that are over. */
  private readonly over = [0, 0, 0, 0];

  /** `write` as writeSync of node:fs. */
  constructor(
    tell: (message: ScribeCaptureBegun | ScribeCaptureEnded) => void,
    write?: WriteBytes,
  ) {
    this.tell = tell;
    this.write = write;
  }

  onCapture(message: ScribeCaptureStart | ScribeCaptureStop): void {
    if (message.command === "capture-start") this.start(message);
    else this.finish();
  }

  /** What happened before the capture began is not told. */
  onEvent(event: TelemetryEvent): void {
    const { running } = this;
    if (running === undefined || event.startNs < running.beginsNs) return;
    const { PRESSURE } = CAPTURE_KIND;
    const facts = Buffer.from(JSON.stringify(pressureOf(event)));
    this.trying(() => running.writer.add(PRESSURE, 0, 0, 0, event.startNs, facts));
  }

  tick(): void {
    const { running } = this;
    if (running === undefined) return;
    this.trying(() => {
      this.take(running);
      this.isBehind = running.ring.waitingBytes > BYTES_PER_TICK;
      if (isFull(running)) this.endWhole(running);
    });
  }

  /** The process ends. */
  close(): void {
    this.finish();
  }

  stats(): CaptureStats {
    const { running, over } = this;
    const count = (place: number): number =>
      over[place]! + (running === undefined ? 0 : captureCount(running.memory, place));
    return {
      isRunning: running !== undefined,
      fileBytes: running?.writer.bytes ?? 0,
      chunks: count(CAPTURE_COUNT.CHUNKS),
      bytes: count(CAPTURE_COUNT.BYTES),
      lostChunks: count(CAPTURE_COUNT.LOST_CHUNKS),
      lostBytes: count(CAPTURE_COUNT.LOST_BYTES),
    };
  }

  private start(message: ScribeCaptureStart): void {
    this.finish();
    const { number, ring: memory, bytesMax } = message;
    try {
      const ring = new CaptureRingReader(memory);
      const beginsNs = (message.info as CaptureInfo).anchorNs;
      const writer = this.open(message, ring);
      this.running = { number, memory, ring, writer, bytesMax, beginsNs };
      this.tell({ event: "capture-begun", number });
    } catch (error) {
      const trouble = messageOf(error);
      this.tell({ event: "capture-ended", number, trouble, bytes: 0, records: 0 });
    }
  }

  private open(message: ScribeCaptureStart, ring: CaptureRingReader): CaptureFileWriter {
    const { path, isResumed } = message;
    const info = message.info as CaptureInfo;
    if (!isResumed || !existsSync(path)) return new CaptureFileWriter(path, info, this.write);
    const found = findTail(path);
    if (found.info.anchorNs !== info.anchorNs || found.info.session !== info.session) {
      throw new Error(`${path} is another capture by now`);
    }
    if (found.tail.source !== undefined) ring.skipTo(found.tail.source);
    return new CaptureFileWriter(path, info, this.write, found.tail);
  }

  private finish(): void {
    const { running } = this;
    if (running === undefined) return;
    this.trying(() => {
      while (running.ring.waitingBytes > 0 && !isFull(running)) this.take(running);
      this.endWhole(running);
    });
  }

  private endWhole(running: Running): void {
    const { bytesMax, writer } = running;
    const full = `the file has reached capture.bytesMax, ${bytesMax} bytes`;
    const trouble = isFull(running) ? full : undefined;
    writer.close();
    this.end(trouble, running);
  }

  /** Of a file that is not full: the record that makes it so is the last. */
  private take({ ring, writer, bytesMax }: Running): void {
    ring.read(Math.min(BYTES_PER_TICK, bytesMax - writer.bytes), (bytes, start, end, position) =>
      writer.addRaw(bytes, start, end, position),
    );
    writer.flush();
    // Not before the file has them: whoever follows this scribe reads on at what the last block says.
    ring.handBack();
  }

  private trying(work: () => void): void {
    const { running } = this;
    try {
      work();
    } catch (error) {
      if (running === undefined) throw error;
      running.writer.abandon();
      this.end(messageOf(error), running);
    }
  }

  private end(trouble: string | undefined, { number, writer }: Running): void {
    const { running, over } = this;
    this.running = undefined;
    this.isBehind = false;
    if (running !== undefined) {
      for (const place of Object.values(CAPTURE_COUNT)) {
        over[place]! += captureCount(running.memory, place);
      }
      this.countLeft(running);
    }
    const { bytes, records } = writer;
    this.tell({ event: "capture-ended", number, trouble, bytes, records });
  }

  /** The gate took them, and the file did not get them. */
  private countLeft({ ring, writer }: Running): void {
    const { over } = this;
    ring.takeBack();
    ring.skipTo(writer.writtenTo);
    ring.read(ring.waitingBytes, (bytes, start, end) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = start; at < end; at += paddedBytes(recordBytesAt(view, at))) {
        const kind = kindAt(view, at);
        if (kind !== CAPTURE_KIND.IN && kind !== CAPTURE_KIND.OUT) continue;
        const length = recordBytesAt(view, at) - CAPTURE_HEADER_BYTES;
        over[CAPTURE_COUNT.CHUNKS]! -= 1;
        over[CAPTURE_COUNT.BYTES]! -= length;
        over[CAPTURE_COUNT.LOST_CHUNKS]! += 1;
        over[CAPTURE_COUNT.LOST_BYTES]! += length;
      }
    });
  }
}

const isFull = ({ writer, bytesMax }: Running): boolean => writer.bytes >= bytesMax;

/** A collection's kind is its value: GC_KIND. */
function pressureOf({ kind, thread, durationNs, value, detail }: TelemetryEvent): PressureFacts {
  const event = EVENT_NAMES.get(kind) ?? `kind-${kind}`;
  return {
    event,
    thread: threadName(thread),
    durationNs,
    value: kind === EVENT_KIND.GC ? detail : value,
  };
}

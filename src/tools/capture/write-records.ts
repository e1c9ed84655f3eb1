// Writes records as a capture file.

import fs from "node:fs";
import { CaptureFileWriter } from "../../capture/capture-file-writer.ts";
import type { CaptureInfo, CaptureRecord } from "../../capture/capture-record.ts";
import { UnusableCapture, unusableOut } from "./unusable-capture.ts";

export interface Written {
  readonly records: number;
  readonly bytes: number;
}

/**
 * The file must not exist; it is gone again when there is nothing to write, or it cannot be written. Throws
 * UnusableCapture then, and what records() throws.
 */
export function writeRecords(
  path: string,
  info: CaptureInfo,
  records: Iterable<CaptureRecord>,
): Written {
  const writer = started(path, info);
  try {
    for (const { kind, flags, connection, detail, atNs, payload } of records) {
      writer.add(kind, flags, connection, detail, atNs, payload);
    }
    if (writer.records === 0)
      throw new UnusableCapture("there is nothing to write: no file was made");
    writer.close();
    return { records: writer.records, bytes: writer.bytes };
  } catch (error) {
    writer.abandon();
    fs.rmSync(path, { force: true });
    if (error instanceof UnusableCapture || !(error as NodeJS.ErrnoException).code) throw error;
    throw unusableOut(path, error);
  }
}

function started(path: string, info: CaptureInfo): CaptureFileWriter {
  try {
    return new CaptureFileWriter(path, info);
  } catch (error) {
    throw unusableOut(path, error);
  }
}

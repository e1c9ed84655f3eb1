// Writes records as a capture file.

import { CaptureFileWriter } from "../../capture/capture-file-writer.ts";
import type { CaptureInfo, CaptureRecord } from "../../capture/capture-record.ts";
import { type NewFileNames, writeNew } from "./new-file.ts";
import { UnusableCapture } from "./unusable-capture.ts";

export interface Written {
  readonly records: number;
  readonly bytes: number;
}

/**
 * There is no file when there is nothing to write, or it cannot be written. Throws UnusableCapture then, and what
 * records() throws.
 */
export const writeRecords = (
  names: NewFileNames,
  info: CaptureInfo,
  records: Iterable<CaptureRecord>,
): Written =>
  writeNew(names, (descriptor) => {
    const writer = new CaptureFileWriter(descriptor, info);
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
      throw error;
    }
  });

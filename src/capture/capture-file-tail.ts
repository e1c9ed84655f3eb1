// Where a capture file that nobody ended is gone on with: a scribe that died had written whole blocks, and perhaps half
// of one.

import { CaptureFileBlocks } from "./capture-file-blocks.ts";
import { BLOCK_HEADER_BYTES, BLOCK_KIND } from "./capture-file-layout.ts";
import type { CaptureTail } from "./capture-file-writer.ts";
import type { IndexedBlocks } from "./capture-index.ts";
import type { CaptureInfo } from "./capture-record.ts";

export interface FoundTail {
  readonly info: CaptureInfo;
  readonly tail: CaptureTail;
}

/** Headers alone are looked at, but for the last block. Throws a CaptureFileError. */
export function findTail(path: string): FoundTail {
  const blocks = CaptureFileBlocks.open(path);
  try {
    const found: IndexedBlocks[] = [];
    let bytes = blocks.firstOffset;
    let nextSequence = 0;
    let records = 0;
    let source: number | undefined;
    for (;;) {
      const header = blocks.headerAt(bytes);
      if (header?.kind !== BLOCK_KIND.RECORDS || header.sequence !== nextSequence) break;
      const end = bytes + BLOCK_HEADER_BYTES + header.payloadBytes;
      const isLast = blocks.headerAt(end) === undefined;
      if (isLast && blocks.at(bytes) === "damaged") break;
      const { firstAtNs, lastAtNs, recordCount } = header;
      found.push({ offset: bytes, firstAtNs, lastAtNs, records: recordCount });
      bytes = end;
      nextSequence = header.sequence + 1;
      records += recordCount;
      source = header.source;
    }
    const tail = { bytes, nextSequence, source, blocks: found, records };
    return { info: blocks.info, tail };
  } finally {
    blocks.close();
  }
}

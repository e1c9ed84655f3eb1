// Opens a capture of any kind: the gateway's own, pcap or pcapng.

import { FILE_MAGIC, hasFileMagic } from "../../capture/capture-file-layout.ts";
import { CaptureFileError, CaptureFileReader } from "../../capture/capture-file-reader.ts";
import type { CaptureSource } from "./capture-source.ts";
import { FileWindow } from "./file-window.ts";
import { PcapSource } from "./pcap-source.ts";
import { UnusableCapture } from "./unusable-capture.ts";

export type { CaptureSource } from "./capture-source.ts";
export { UnusableCapture } from "./unusable-capture.ts";

export interface OpenOptions {
  /** Of a packet capture: only connections to this port, whatever they speak. */
  readonly port?: number | undefined;
}

/** Throws UnusableCapture: one clear line. Whoever opens it closes it. */
export function openCapture(path: string, { port }: OpenOptions = {}): CaptureSource {
  const file = new FileWindow(path);
  const isOwn = hasFileMagic(file.peek(FILE_MAGIC.length));
  file.close();
  return isOwn ? openOwn(path) : new PcapSource(path, port);
}

function openOwn(path: string): CaptureSource {
  try {
    const reader = CaptureFileReader.open(path);
    return {
      format: "capture",
      info: reader.info,
      problems: reader.problems,
      notes: [],
      records: () => reader.records(),
      close: () => reader.close(),
    };
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    throw new UnusableCapture(error.message, { cause: error });
  }
}

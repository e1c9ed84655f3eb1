import type { CaptureInfo, CaptureRecord } from "../../capture/capture-record.ts";

/** A capture, whoever made it. */
export interface CaptureSource {
  /** "capture", "pcap" or "pcapng". */
  readonly format: string;
  readonly info: CaptureInfo;
  /** What is wrong with it, a line each: complete when records() has come to its end. */
  readonly problems: readonly string[];
  /** What was decided about it, or left out of it, and is no damage: complete then, too. */
  readonly notes: readonly string[];
  /**
   * All records, in the order of the file; passwords are blanked. May be called again and begins anew. A payload is
   * valid until the next record is asked for. Throws UnusableCapture when the file cannot be read on.
   */
  records(): Iterable<CaptureRecord>;
  close(): void;
}

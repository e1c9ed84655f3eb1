// The packets of a pcap file, of either byte order and either unit of time.

import { type CapturedPacket, PACKET_BYTES_MAX, type PacketFile } from "./captured-packet.ts";
import type { FileWindow } from "./file-window.ts";
import {
  CAPTURED_BYTES_OFFSET,
  FRACTION_OFFSET,
  LINK_TYPE_MASK,
  LINK_TYPE_OFFSET,
  MAGIC_OFFSET,
  PCAP_HEADER_BYTES,
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD_HEADER_BYTES,
  SECONDS_OFFSET,
} from "./pcap-layout.ts";
import { UnusableCapture } from "./unusable-capture.ts";

const MAGICS: readonly number[] = [PCAP_MAGIC_MICROSECONDS, PCAP_MAGIC_NANOSECONDS];

const readU32 = (bytes: Buffer, offset: number, isLittle: boolean): number =>
  isLittle ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);

/** Whether these first bytes of a file are of a pcap file. */
export const isPcap = (start: Buffer): boolean =>
  start.length >= MAGIC_OFFSET + 4 &&
  (MAGICS.includes(start.readUInt32LE(MAGIC_OFFSET)) ||
    MAGICS.includes(start.readUInt32BE(MAGIC_OFFSET)));

export class PcapPackets implements PacketFile {
  readonly format = "pcap";
  readonly problems: string[] = [];
  private readonly file: FileWindow;
  private readonly isLittle: boolean;
  private readonly fractionNs: number;
  private readonly linkType: number;

  /** Throws UnusableCapture when the file ends within its header. */
  constructor(file: FileWindow) {
    this.file = file;
    const header = file.take(PCAP_HEADER_BYTES);
    if (header === undefined) throw new UnusableCapture(`${file.path}: ends within its header`);
    this.isLittle = MAGICS.includes(header.readUInt32LE(MAGIC_OFFSET));
    const magic = readU32(header, MAGIC_OFFSET, this.isLittle);
    this.fractionNs = magic === PCAP_MAGIC_NANOSECONDS ? 1 : 1000;
    this.linkType = readU32(header, LINK_TYPE_OFFSET, this.isLittle) & LINK_TYPE_MASK;
  }

  next(): CapturedPacket | undefined {
    const { file, isLittle } = this;
    const at = file.position;
    const left = file.peek(PCAP_RECORD_HEADER_BYTES).length;
    const header = file.take(PCAP_RECORD_HEADER_BYTES);
    if (header === undefined) {
      if (left > 0) this.end(`ends within a packet at byte ${at}`);
      return undefined;
    }
    const seconds = readU32(header, SECONDS_OFFSET, isLittle);
    const nanoseconds = readU32(header, FRACTION_OFFSET, isLittle) * this.fractionNs;
    const capturedBytes = readU32(header, CAPTURED_BYTES_OFFSET, isLittle);
    if (capturedBytes > PACKET_BYTES_MAX || nanoseconds >= 1e9) {
      return this.end(`is damaged at byte ${at}: what follows is left out`);
    }
    const bytes = file.take(capturedBytes);
    if (bytes === undefined) return this.end(`ends within a packet at byte ${at}`);
    return { seconds, nanoseconds, linkType: this.linkType, bytes };
  }

  close(): void {
    this.file.close();
  }

  private end(problem: string): undefined {
    this.problems.push(`the file ${problem}`);
    this.file.skip(Number.MAX_SAFE_INTEGER - this.file.position);
  }
}

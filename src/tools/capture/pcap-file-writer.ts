// Writes a pcap file with times in nanoseconds.

import fs from "node:fs";
import { LINK_TYPE } from "./frame-layout.ts";
import {
  CAPTURED_BYTES_OFFSET,
  FRACTION_OFFSET,
  LINK_TYPE_OFFSET,
  MAGIC_OFFSET,
  MAJOR_OFFSET,
  MINOR_OFFSET,
  ORIGINAL_BYTES_OFFSET,
  PCAP_HEADER_BYTES,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_MAJOR,
  PCAP_MINOR,
  PCAP_RECORD_HEADER_BYTES,
  SECONDS_OFFSET,
  SNAP_BYTES_OFFSET,
} from "./pcap-layout.ts";

const SNAP_BYTES = 262_144;
const BUFFERED_BYTES_MAX = 2 ** 20;
const NS_PER_SECOND = 1_000_000_000n;

export class PcapFileWriter {
  packets = 0;
  bytes = 0;
  private readonly descriptor: number;
  private parts: Buffer[] = [];
  private partBytes = 0;

  /** Of a new file, which close() and abandon() close. All throw what node:fs throws. */
  constructor(descriptor: number) {
    this.descriptor = descriptor;
    const header = Buffer.alloc(PCAP_HEADER_BYTES);
    header.writeUInt32LE(PCAP_MAGIC_NANOSECONDS, MAGIC_OFFSET);
    header.writeUInt16LE(PCAP_MAJOR, MAJOR_OFFSET);
    header.writeUInt16LE(PCAP_MINOR, MINOR_OFFSET);
    header.writeUInt32LE(SNAP_BYTES, SNAP_BYTES_OFFSET);
    header.writeUInt32LE(LINK_TYPE.ETHERNET, LINK_TYPE_OFFSET);
    this.append(header);
  }

  add(epochNs: bigint, frame: Buffer): void {
    const header = Buffer.alloc(PCAP_RECORD_HEADER_BYTES);
    header.writeUInt32LE(Number(epochNs / NS_PER_SECOND), SECONDS_OFFSET);
    header.writeUInt32LE(Number(epochNs % NS_PER_SECOND), FRACTION_OFFSET);
    header.writeUInt32LE(frame.length, CAPTURED_BYTES_OFFSET);
    header.writeUInt32LE(frame.length, ORIGINAL_BYTES_OFFSET);
    this.append(header);
    this.append(frame);
    this.packets++;
  }

  close(): void {
    this.flush();
    fs.closeSync(this.descriptor);
  }

  /** Leaves what was not written. */
  abandon(): void {
    fs.closeSync(this.descriptor);
  }

  private append(bytes: Buffer): void {
    this.parts.push(bytes);
    this.partBytes += bytes.length;
    this.bytes += bytes.length;
    if (this.partBytes >= BUFFERED_BYTES_MAX) this.flush();
  }

  private flush(): void {
    const bytes = Buffer.concat(this.parts);
    for (let offset = 0; offset < bytes.length; ) {
      offset += fs.writeSync(this.descriptor, bytes, offset);
    }
    this.parts = [];
    this.partBytes = 0;
  }
}

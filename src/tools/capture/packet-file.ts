// Which kind of packet capture a file is, by its first bytes.

import type { PacketFile } from "./captured-packet.ts";
import { FileWindow } from "./file-window.ts";
import { isPcap, PcapPackets } from "./pcap-packets.ts";
import { isPcapng, PcapngPackets } from "./pcapng-packets.ts";
import { UnusableCapture } from "./unusable-capture.ts";

const START_BYTES = 16;
/** How a compressed file begins, and what unpacks it. */
const UNPACKERS = [
  [Buffer.from([0x1f, 0x8b]), "gunzip"],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), "zstd -d"],
  [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), "unxz"],
  [Buffer.from("BZh"), "bunzip2"],
  [Buffer.from([0x04, 0x22, 0x4d, 0x18]), "lz4 -d"],
] as const;

/** Throws UnusableCapture when it is none that we read. Whoever opens it closes it. */
export function openPackets(path: string): PacketFile {
  const file = new FileWindow(path);
  try {
    const start = file.peek(START_BYTES);
    if (isPcap(start)) return new PcapPackets(file);
    if (isPcapng(start)) return new PcapngPackets(file);
    throw new UnusableCapture(`${path}: ${foreignText(start)}`);
  } catch (error) {
    file.close();
    throw error;
  }
}

function foreignText(start: Buffer): string {
  if (start.length === 0) return "is empty";
  const unpacker = UNPACKERS.find(([magic]) => start.indexOf(magic) === 0)?.[1];
  if (unpacker !== undefined) return `is compressed: run ${unpacker} on it first`;
  return "is no capture: neither one of the gateway's, nor pcap, nor pcapng";
}

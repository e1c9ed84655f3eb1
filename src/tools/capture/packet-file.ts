// Which kind of packet capture a file is, by its first bytes.

import type { PacketFile } from "./captured-packet.ts";
import { FileWindow } from "./file-window.ts";
import { isPcap, PcapPackets } from "./pcap-packets.ts";
import { isPcapng, PcapngPackets } from "./pcapng-packets.ts";
import { UnusableCapture } from "./unusable-capture.ts";

const START_BYTES = 16;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

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
  if (start.indexOf(GZIP) === 0) return "is compressed: run gunzip on it first";
  if (start.indexOf(ZSTD) === 0) return "is compressed: run zstd -d on it first";
  return "is no capture: neither one of the gateway's, nor pcap, nor pcapng";
}

/** One packet as a capture file has it. */
export interface CapturedPacket {
  /** Since 1970; 0 where the file does not say. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** LINK_TYPE. */
  readonly linkType: number;
  /** What was kept. Valid until the next packet is asked for. */
  readonly bytes: Buffer;
}

/** The packets of one file, in its order. */
export interface PacketFile {
  /** "pcap" or "pcapng". */
  readonly format: string;
  /** What is wrong with the file; grows while it is read. */
  readonly problems: string[];
  /** undefined = no more. */
  next(): CapturedPacket | undefined;
  close(): void;
}

/** Nothing on a network is longer, and no tool keeps more of it. */
export const PACKET_BYTES_MAX = 2 ** 20;

// The packets of a pcapng file: several sections and interfaces, each with its own byte order and unit of time.
// Blocks of other kinds are skipped.

import { type CapturedPacket, PACKET_BYTES_MAX, type PacketFile } from "./captured-packet.ts";
import type { FileWindow } from "./file-window.ts";
import {
  BLOCK,
  BLOCK_BYTES_OFFSET,
  BLOCK_HEADER_BYTES,
  BLOCK_TRAILER_BYTES,
  BLOCK_TYPE_OFFSET,
  ENHANCED_CAPTURED_OFFSET,
  ENHANCED_DATA_OFFSET,
  ENHANCED_INTERFACE_OFFSET,
  ENHANCED_TIME_HIGH_OFFSET,
  ENHANCED_TIME_LOW_OFFSET,
  INTERFACE_LINK_OFFSET,
  INTERFACE_OPTIONS_OFFSET,
  INTERFACE_SNAP_OFFSET,
  OPTION,
  OPTION_BYTES_OFFSET,
  OPTION_CODE_OFFSET,
  OPTION_HEADER_BYTES,
  ORDER_MAGIC,
  ORDER_OFFSET,
  SIMPLE_DATA_OFFSET,
  SIMPLE_ORIGINAL_OFFSET,
  TIME_UNIT_BINARY,
} from "./pcapng-layout.ts";

const BLOCK_BYTES_MIN = BLOCK_HEADER_BYTES + BLOCK_TRAILER_BYTES;
/** A packet and its options. Longer blocks of kinds that we skip are skipped all the same. */
const BLOCK_BYTES_MAX = 2 * PACKET_BYTES_MAX;
const NS_PER_SECOND = 1_000_000_000n;
const MICROSECONDS = 1_000_000n;

interface Interface {
  readonly linkType: number;
  readonly snapBytes: number;
  readonly ticksPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

const NOTHING = Buffer.alloc(0);

/** Whether these first bytes of a file are of a pcapng file. */
export const isPcapng = (start: Buffer): boolean =>
  start.length >= BLOCK_HEADER_BYTES && start.readUInt32LE(BLOCK_TYPE_OFFSET) === BLOCK.SECTION;

export class PcapngPackets implements PacketFile {
  readonly format = "pcapng";
  readonly problems: string[] = [];
  private readonly file: FileWindow;
  private isLittle = true;
  private interfaces: Interface[] = [];
  /** A simple packet has no time of its own. */
  private lastSeconds = 0;
  private lastNanoseconds = 0;
  private homeless = 0;

  constructor(file: FileWindow) {
    this.file = file;
  }

  next(): CapturedPacket | undefined {
    for (;;) {
      const block = this.nextBlock();
      if (block === undefined) break;
      const packet = this.readBlock(block.type, block.body);
      if (packet !== undefined) return packet;
    }
    if (this.homeless > 0) {
      this.problems.push(`${this.homeless} packets name no interface of the file: left out`);
      this.homeless = 0;
    }
    return undefined;
  }

  close(): void {
    this.file.close();
  }

  private nextBlock(): { type: number; body: Buffer } | undefined {
    const { file } = this;
    const at = file.position;
    const header = file.peek(ORDER_OFFSET + 4);
    if (header.length === 0) return undefined;
    if (header.length < BLOCK_BYTES_MIN) return this.end(`ends within a block at byte ${at}`);
    const type = this.u32(header, BLOCK_TYPE_OFFSET);
    if (type === BLOCK.SECTION && !this.beginSection(header)) {
      return this.end(`is damaged at byte ${at}: what follows is left out`);
    }
    const blockBytes = this.u32(header, BLOCK_BYTES_OFFSET);
    const isWanted = Object.values<number>(BLOCK).includes(type);
    if (blockBytes < BLOCK_BYTES_MIN || blockBytes % 4 !== 0) {
      return this.end(`is damaged at byte ${at}: what follows is left out`);
    }
    const isLong = blockBytes > BLOCK_BYTES_MAX;
    if (isLong && isWanted) {
      return this.end(`is damaged at byte ${at}: what follows is left out`);
    }
    // Of a long one that nobody wants, the end is enough.
    const skippedBytes = isLong ? blockBytes - BLOCK_TRAILER_BYTES : 0;
    file.skip(skippedBytes);
    const block = file.take(blockBytes - skippedBytes);
    if (block === undefined) return this.end(`ends within a block at byte ${at}`);
    if (this.u32(block, block.length - BLOCK_TRAILER_BYTES) !== blockBytes) {
      return this.end(`is damaged at byte ${at}: what follows is left out`);
    }
    const body = isLong ? NOTHING : block.subarray(BLOCK_HEADER_BYTES, -BLOCK_TRAILER_BYTES);
    return { type, body };
  }

  private beginSection(header: Buffer): boolean {
    if (header.readUInt32LE(ORDER_OFFSET) === ORDER_MAGIC) this.isLittle = true;
    else if (header.readUInt32BE(ORDER_OFFSET) === ORDER_MAGIC) this.isLittle = false;
    else return false;
    this.interfaces = [];
    return true;
  }

  private readBlock(type: number, body: Buffer): CapturedPacket | undefined {
    if (type === BLOCK.INTERFACE) this.readInterface(body);
    else if (type === BLOCK.ENHANCED) {
      if (body.length < ENHANCED_DATA_OFFSET) return undefined;
      return this.readTimed(body, this.u32(body, ENHANCED_INTERFACE_OFFSET));
    } else if (type === BLOCK.PACKET) {
      if (body.length < ENHANCED_DATA_OFFSET) return undefined;
      return this.readTimed(body, this.u16(body, ENHANCED_INTERFACE_OFFSET));
    } else if (type === BLOCK.SIMPLE) return this.readSimple(body);
    return undefined;
  }

  private readInterface(body: Buffer): void {
    if (body.length < INTERFACE_OPTIONS_OFFSET) return;
    let ticksPerSecond = MICROSECONDS;
    let offsetSeconds = 0n;
    let offset = INTERFACE_OPTIONS_OFFSET;
    while (offset + OPTION_HEADER_BYTES <= body.length) {
      const code = this.u16(body, offset + OPTION_CODE_OFFSET);
      const valueBytes = this.u16(body, offset + OPTION_BYTES_OFFSET);
      const valueOffset = offset + OPTION_HEADER_BYTES;
      if (code === OPTION.END || valueOffset + valueBytes > body.length) break;
      if (code === OPTION.TIME_UNIT && valueBytes === 1) {
        const unit = body.readUInt8(valueOffset);
        const exponent = BigInt(unit & ~TIME_UNIT_BINARY);
        ticksPerSecond = (unit & TIME_UNIT_BINARY ? 2n : 10n) ** exponent;
      } else if (code === OPTION.TIME_OFFSET && valueBytes === 8) {
        offsetSeconds = this.isLittle
          ? body.readBigInt64LE(valueOffset)
          : body.readBigInt64BE(valueOffset);
      }
      offset = valueOffset + Math.ceil(valueBytes / 4) * 4;
    }
    const linkType = this.u16(body, INTERFACE_LINK_OFFSET);
    const snapBytes = this.u32(body, INTERFACE_SNAP_OFFSET);
    this.interfaces.push({ linkType, snapBytes, ticksPerSecond, offsetSeconds });
  }

  private readTimed(body: Buffer, index: number): CapturedPacket | undefined {
    const from = this.interfaces[index];
    if (from === undefined) {
      this.homeless++;
      return undefined;
    }
    const high = BigInt(this.u32(body, ENHANCED_TIME_HIGH_OFFSET));
    const ticks = (high << 32n) | BigInt(this.u32(body, ENHANCED_TIME_LOW_OFFSET));
    const fraction = ticks % from.ticksPerSecond;
    this.lastSeconds = Number(ticks / from.ticksPerSecond + from.offsetSeconds);
    this.lastNanoseconds = Number((fraction * NS_PER_SECOND) / from.ticksPerSecond);
    const end = ENHANCED_DATA_OFFSET + this.u32(body, ENHANCED_CAPTURED_OFFSET);
    return this.packet(from, body.subarray(ENHANCED_DATA_OFFSET, end));
  }

  private readSimple(body: Buffer): CapturedPacket | undefined {
    const [from] = this.interfaces;
    if (from === undefined || body.length < SIMPLE_DATA_OFFSET) {
      this.homeless++;
      return undefined;
    }
    const originalBytes = this.u32(body, SIMPLE_ORIGINAL_OFFSET);
    const snapBytes = from.snapBytes === 0 ? originalBytes : from.snapBytes;
    const end = SIMPLE_DATA_OFFSET + Math.min(originalBytes, snapBytes);
    return this.packet(from, body.subarray(SIMPLE_DATA_OFFSET, end));
  }

  private packet({ linkType }: Interface, bytes: Buffer): CapturedPacket {
    return { seconds: this.lastSeconds, nanoseconds: this.lastNanoseconds, linkType, bytes };
  }

  private u16(bytes: Buffer, offset: number): number {
    return this.isLittle ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset);
  }

  private u32(bytes: Buffer, offset: number): number {
    return this.isLittle ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
  }

  private end(problem: string): undefined {
    this.problems.push(`the file ${problem}`);
    this.file.skip(Number.MAX_SAFE_INTEGER - this.file.position);
  }
}

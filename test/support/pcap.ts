// Reads and writes pcap files of TCP over IPv4 and Ethernet: just enough for captures of our own traffic and for
// the recorded packets in test/vectors. Written files satisfy Wireshark: addresses, running TCP sequence numbers,
// checksums and a handshake are all there.

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINK_ETHERNET = 1;
const ETHER_TYPE_OFFSET = 12;
const ETHER_TYPE_BYTES = 2;
const ETHERNET_HEADER_BYTES = ETHER_TYPE_OFFSET + ETHER_TYPE_BYTES;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_VLAN = 0x8100;
const VLAN_BYTES = 4;
const IP_PROTOCOL_TCP = 6;
const IP_HEADER_BYTES = 20;
const TCP_HEADER_BYTES = 20;
const TCP_PSH_ACK = 0x18;
const TCP_SYN = 0x02;
const TCP_SYN_ACK = 0x12;
const TCP_ACK = 0x10;
const SEGMENT_BYTES_MAX = 1400;

export interface TcpSegment {
  /** Nanoseconds since 1970. */
  readonly epochNs: bigint;
  readonly sourcePort: number;
  readonly targetPort: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

/** The TCP segments of a capture, in order. Frames that are something else are left out. */
export function readPcap(file: Buffer): TcpSegment[] {
  const magic = file.readUInt32LE(0);
  if (magic !== MAGIC_MICROSECONDS && magic !== MAGIC_NANOSECONDS) throw new Error("no pcap file");
  if (file.readUInt32LE(20) !== LINK_ETHERNET) throw new Error("capture is not of Ethernet");
  const fractionNs = magic === MAGIC_NANOSECONDS ? 1n : 1000n;

  const segments: TcpSegment[] = [];
  let offset = FILE_HEADER_BYTES;
  while (offset < file.length) {
    const seconds = BigInt(file.readUInt32LE(offset));
    const fraction = BigInt(file.readUInt32LE(offset + 4));
    const frameOffset = offset + RECORD_HEADER_BYTES;
    const next = frameOffset + file.readUInt32LE(offset + 8);
    if (next > file.length) throw new Error("capture ends within a frame");
    const epochNs = seconds * 1_000_000_000n + fraction * fractionNs;
    const segment = readFrame(file.subarray(frameOffset, next), epochNs);
    if (segment) segments.push(segment);
    offset = next;
  }
  return segments;
}

function readFrame(frame: Buffer, epochNs: bigint): TcpSegment | undefined {
  let typeOffset = ETHER_TYPE_OFFSET;
  while (frame.readUInt16BE(typeOffset) === ETHER_TYPE_VLAN) typeOffset += VLAN_BYTES;
  const ipOffset = typeOffset + ETHER_TYPE_BYTES;
  const etherType = frame.readUInt16BE(typeOffset);
  if (etherType !== ETHER_TYPE_IPV4 || frame[ipOffset + 9] !== IP_PROTOCOL_TCP) return undefined;

  const tcpOffset = ipOffset + (frame.readUInt8(ipOffset) & 0x0f) * 4;
  const payloadOffset = tcpOffset + (frame.readUInt8(tcpOffset + 12) >> 4) * 4;
  // Captures carry Ethernet padding and time-stamp trailers: the IP header says where the segment ends.
  const end = ipOffset + frame.readUInt16BE(ipOffset + 2);
  return {
    epochNs,
    sourcePort: frame.readUInt16BE(tcpOffset),
    targetPort: frame.readUInt16BE(tcpOffset + 2),
    sequence: frame.readUInt32BE(tcpOffset + 4),
    payload: Buffer.from(frame.subarray(payloadOffset, end)),
  };
}

interface End {
  readonly address: readonly [number, number, number, number];
  readonly port: number;
  next: number;
}

/** One TCP connection as a pcap file. The clock is the caller's, so that a file can be the same each time. */
export class PcapWriter {
  private readonly parts: Buffer[] = [];
  private readonly client: End;
  private readonly server: End;
  private packetId = 0;

  constructor(clientPort: number, serverPort: number, epochNs: bigint) {
    this.client = { address: [127, 0, 0, 2], port: clientPort, next: 1000 };
    this.server = { address: [127, 0, 0, 1], port: serverPort, next: 2000 };
    const header = Buffer.alloc(FILE_HEADER_BYTES);
    header.writeUInt32LE(MAGIC_NANOSECONDS, 0);
    header.writeUInt16LE(2, 4); // format 2.4
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(0xffff, 16);
    header.writeUInt32LE(LINK_ETHERNET, 20);
    this.parts.push(header);
    this.frame(this.client, this.server, TCP_SYN, Buffer.alloc(0), epochNs);
    this.client.next += 1;
    this.frame(this.server, this.client, TCP_SYN_ACK, Buffer.alloc(0), epochNs);
    this.server.next += 1;
    this.frame(this.client, this.server, TCP_ACK, Buffer.alloc(0), epochNs);
  }

  fromClient(bytes: Buffer, epochNs: bigint): void {
    this.send(this.client, this.server, bytes, epochNs);
  }

  fromServer(bytes: Buffer, epochNs: bigint): void {
    this.send(this.server, this.client, bytes, epochNs);
  }

  /** The file as it is by now. */
  file(): Buffer {
    return Buffer.concat(this.parts);
  }

  private send(source: End, target: End, bytes: Buffer, epochNs: bigint): void {
    for (let offset = 0; offset < bytes.length; offset += SEGMENT_BYTES_MAX) {
      const segment = bytes.subarray(offset, offset + SEGMENT_BYTES_MAX);
      this.frame(source, target, TCP_PSH_ACK, segment, epochNs);
      source.next = (source.next + segment.length) >>> 0;
    }
  }

  private frame(source: End, target: End, flags: number, payload: Buffer, epochNs: bigint): void {
    const frame = Buffer.alloc(
      ETHERNET_HEADER_BYTES + IP_HEADER_BYTES + TCP_HEADER_BYTES + payload.length,
    );
    frame.writeUInt16BE(ETHER_TYPE_IPV4, ETHER_TYPE_OFFSET);

    const ip = frame.subarray(ETHERNET_HEADER_BYTES);
    ip.writeUInt8(0x45, 0);
    ip.writeUInt16BE(ip.length, 2);
    ip.writeUInt16BE(this.packetId++ & 0xffff, 4);
    ip.writeUInt8(64, 8);
    ip.writeUInt8(IP_PROTOCOL_TCP, 9);
    ip.set(source.address, 12);
    ip.set(target.address, 16);
    ip.writeUInt16BE(checksum(ip.subarray(0, IP_HEADER_BYTES), 0), 10);

    const tcp = ip.subarray(IP_HEADER_BYTES);
    tcp.writeUInt16BE(source.port, 0);
    tcp.writeUInt16BE(target.port, 2);
    tcp.writeUInt32BE(source.next, 4);
    tcp.writeUInt32BE(flags === TCP_SYN ? 0 : target.next, 8);
    tcp.writeUInt8((TCP_HEADER_BYTES / 4) << 4, 12);
    tcp.writeUInt8(flags, 13);
    tcp.writeUInt16BE(0xffff, 14);
    tcp.set(payload, TCP_HEADER_BYTES);
    // The pseudo header: both addresses, the protocol and the length.
    const pseudo = sumWords(ip.subarray(12, IP_HEADER_BYTES)) + IP_PROTOCOL_TCP + tcp.length;
    tcp.writeUInt16BE(checksum(tcp, pseudo), 16);

    const record = Buffer.alloc(RECORD_HEADER_BYTES);
    record.writeUInt32LE(Number(epochNs / 1_000_000_000n), 0);
    record.writeUInt32LE(Number(epochNs % 1_000_000_000n), 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    this.parts.push(record, frame);
  }
}

function sumWords(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) {
    sum += (bytes.readUInt8(offset) << 8) | (bytes[offset + 1] ?? 0);
  }
  return sum;
}

function checksum(bytes: Buffer, start: number): number {
  let sum = start + sumWords(bytes);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

// libpcap's own format (draft-ietf-opsawg-pcap): a header, then records. The magic says the order of its bytes
// and the unit of its fractions of a second.

export const PCAP_MAGIC_MICROSECONDS = 0xa1b2c3d4;
export const PCAP_MAGIC_NANOSECONDS = 0xa1b23c4d;

export const MAGIC_OFFSET = 0; // u32
export const MAJOR_OFFSET = MAGIC_OFFSET + 4; // u16
export const MINOR_OFFSET = MAJOR_OFFSET + 2; // u16
export const SNAP_BYTES_OFFSET = MINOR_OFFSET + 2 + 8; // u32, behind two words that nobody uses
export const LINK_TYPE_OFFSET = SNAP_BYTES_OFFSET + 4; // u32, the upper bits are of frame checks
export const PCAP_HEADER_BYTES = LINK_TYPE_OFFSET + 4;

export const PCAP_MAJOR = 2;
export const PCAP_MINOR = 4;
export const LINK_TYPE_MASK = 0xffff;

export const SECONDS_OFFSET = 0; // u32
export const FRACTION_OFFSET = SECONDS_OFFSET + 4; // u32
export const CAPTURED_BYTES_OFFSET = FRACTION_OFFSET + 4; // u32
export const ORIGINAL_BYTES_OFFSET = CAPTURED_BYTES_OFFSET + 4; // u32
export const PCAP_RECORD_HEADER_BYTES = ORIGINAL_BYTES_OFFSET + 4;

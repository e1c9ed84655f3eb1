// Where things stand in the frames, IP packets and TCP segments of a packet capture. All in network order.

/** As tcpdump.org/linktypes.html numbers them. */
export const LINK_TYPE = {
  NULL: 0,
  ETHERNET: 1,
  RAW_BSD: 12,
  RAW_OPENBSD: 14,
  RAW: 101,
  LOOP: 108,
  LINUX_SLL: 113,
  IPV4: 228,
  IPV6: 229,
  LINUX_SLL2: 276,
} as const;

export const ETHER_TYPE_OFFSET = 12; // u16, behind two addresses
export const ETHER_TYPE_BYTES = 2;
export const ETHERNET_HEADER_BYTES = ETHER_TYPE_OFFSET + ETHER_TYPE_BYTES;
export const ETHER_TYPE = { IPV4: 0x0800, IPV6: 0x86dd } as const;
/** 802.1Q, 802.1ad and what was used before it: a tag of 4 bytes, the real type behind it. */
export const VLAN_TYPES: readonly number[] = [0x8100, 0x88a8, 0x9100];
export const VLAN_BYTES = 4;

/** The host's number of an address family, in its own order. */
export const NULL_HEADER_BYTES = 4;
export const SLL_TYPE_OFFSET = 14; // u16
export const SLL2_TYPE_OFFSET = 0; // u16
export const SLL2_HEADER_BYTES = 20;

export const IP_VERSION_OFFSET = 0; // upper half of a byte; of IPv4 the lower one is its header's words
export const IP4_TOTAL_BYTES_OFFSET = 2; // u16, 0 = longer than that can say
export const IP4_ID_OFFSET = 4; // u16
export const IP4_FRAGMENT_OFFSET = 6; // u16
/** More fragments, or an offset: not a whole packet. */
export const IP4_FRAGMENT_MASK = 0x3fff;
export const IP4_LIFE_OFFSET = 8; // u8
export const IP4_PROTOCOL_OFFSET = 9; // u8
export const IP4_CHECKSUM_OFFSET = 10; // u16
export const IP4_SOURCE_OFFSET = 12;
export const IP4_ADDRESS_BYTES = 4;
export const IP4_TARGET_OFFSET = IP4_SOURCE_OFFSET + IP4_ADDRESS_BYTES;
export const IP4_HEADER_BYTES = IP4_TARGET_OFFSET + IP4_ADDRESS_BYTES;

export const IP6_PAYLOAD_BYTES_OFFSET = 4; // u16, 0 = a jumbogram
export const IP6_PROTOCOL_OFFSET = 6; // u8
export const IP6_LIFE_OFFSET = 7; // u8
export const IP6_SOURCE_OFFSET = 8;
export const IP6_ADDRESS_BYTES = 16;
export const IP6_TARGET_OFFSET = IP6_SOURCE_OFFSET + IP6_ADDRESS_BYTES;
export const IP6_HEADER_BYTES = IP6_TARGET_OFFSET + IP6_ADDRESS_BYTES;
/** Hop-by-hop, routing, destination and mobility say their length in 8 bytes beyond the first 8. */
export const IP6_EXTENSIONS: readonly number[] = [0, 43, 60, 135];
export const IP6_EXTENSION_BYTES_MIN = 8;
export const IP6_EXTENSION_LENGTH_OFFSET = 1;
export const IP6_FRAGMENT = 44;
export const IP6_FRAGMENT_FIELD_OFFSET = 2; // u16
export const IP6_FRAGMENT_MASK = 0xfff9;
/** The authentication header counts in words. */
export const IP6_AUTHENTICATION = 51;

export const IP_PROTOCOL_TCP = 6;

export const TCP_SOURCE_OFFSET = 0; // u16
export const TCP_TARGET_OFFSET = TCP_SOURCE_OFFSET + 2; // u16
export const TCP_SEQUENCE_OFFSET = TCP_TARGET_OFFSET + 2; // u32
export const TCP_ACK_OFFSET = TCP_SEQUENCE_OFFSET + 4; // u32
export const TCP_WORDS_OFFSET = TCP_ACK_OFFSET + 4; // upper half of a byte
export const TCP_FLAGS_OFFSET = TCP_WORDS_OFFSET + 1; // u8
export const TCP_WINDOW_OFFSET = TCP_FLAGS_OFFSET + 1; // u16
export const TCP_CHECKSUM_OFFSET = TCP_WINDOW_OFFSET + 2; // u16
export const TCP_HEADER_BYTES = TCP_CHECKSUM_OFFSET + 4;

export const TCP_FLAG = { FIN: 0x01, SYN: 0x02, RST: 0x04, PSH: 0x08, ACK: 0x10 } as const;

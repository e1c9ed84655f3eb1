// pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each of which says its length at both ends.

export const BLOCK_TYPE_OFFSET = 0; // u32
export const BLOCK_BYTES_OFFSET = BLOCK_TYPE_OFFSET + 4; // u32, of the whole block
export const BLOCK_HEADER_BYTES = BLOCK_BYTES_OFFSET + 4;
/** The length again, behind the body. */
export const BLOCK_TRAILER_BYTES = 4;

export const BLOCK = {
  SECTION: 0x0a0d0d0a,
  INTERFACE: 1,
  /** What came before ENHANCED; old files have it. */
  PACKET: 2,
  SIMPLE: 3,
  ENHANCED: 6,
} as const;

/** In a section's body: says the order of the bytes of everything that follows. */
export const ORDER_OFFSET = BLOCK_HEADER_BYTES;
export const ORDER_MAGIC = 0x1a2b3c4d;

// Bodies: offsets count from behind the block's header.

export const INTERFACE_LINK_OFFSET = 0; // u16
export const INTERFACE_SNAP_OFFSET = INTERFACE_LINK_OFFSET + 2 + 2; // u32, 0 = none
export const INTERFACE_OPTIONS_OFFSET = INTERFACE_SNAP_OFFSET + 4;

export const OPTION_CODE_OFFSET = 0; // u16
export const OPTION_BYTES_OFFSET = OPTION_CODE_OFFSET + 2; // u16, without the padding to words
export const OPTION_HEADER_BYTES = OPTION_BYTES_OFFSET + 2;
export const OPTION = { END: 0, TIME_UNIT: 9, TIME_OFFSET: 14 } as const;
/** Of TIME_UNIT: a power of two, and not of ten. */
export const TIME_UNIT_BINARY = 0x80;

export const ENHANCED_INTERFACE_OFFSET = 0; // u32; of a PACKET block u16, and u16 of drops
export const ENHANCED_TIME_HIGH_OFFSET = ENHANCED_INTERFACE_OFFSET + 4; // u32
export const ENHANCED_TIME_LOW_OFFSET = ENHANCED_TIME_HIGH_OFFSET + 4; // u32
export const ENHANCED_CAPTURED_OFFSET = ENHANCED_TIME_LOW_OFFSET + 4; // u32
export const ENHANCED_ORIGINAL_OFFSET = ENHANCED_CAPTURED_OFFSET + 4; // u32
export const ENHANCED_DATA_OFFSET = ENHANCED_ORIGINAL_OFFSET + 4;

export const SIMPLE_ORIGINAL_OFFSET = 0; // u32
export const SIMPLE_DATA_OFFSET = SIMPLE_ORIGINAL_OFFSET + 4;

/** The u16 between a message's fixed part and its tags: how many bytes of tags follow. */
export const APPENDAGE_LENGTH_BYTES = 2;

// One record of a log ring (E35): 72 bytes, the core of 21 first, as it stands in the binary file.
//
//   core (21 bytes, little-endian, unpadded)
//     id      u64   what it is about: lane << 56 | account << 32 | UserRefNum, or a connection's epoch
//     ns      u64   in the ring: monotonic; in the file: since 1970
//     status  u8    LOG_STATUS
//     delta   i32   signed µs: how long it took, clamped
//   beside it: kind, thread, class, connection, account, type, UserRefNum, and the first bytes of the frame

import { createRecordRing } from "./record-ring.ts";

const ID_LOW_OFFSET = 0; // u32
const ID_HIGH_OFFSET = ID_LOW_OFFSET + 4; // u32
const NS_LOW_OFFSET = ID_HIGH_OFFSET + 4; // u32
const NS_HIGH_OFFSET = NS_LOW_OFFSET + 4; // u32
const STATUS_OFFSET = NS_HIGH_OFFSET + 4; // u8
const DELTA_US_OFFSET = STATUS_OFFSET + 1; // i32, unaligned
export const LOG_CORE_BYTES = DELTA_US_OFFSET + 4;
const KIND_OFFSET = LOG_CORE_BYTES; // u8, LOG_KIND
const THREAD_OFFSET = KIND_OFFSET + 1; // u8, THREAD
const TYPE_OFFSET = THREAD_OFFSET + 1; // u8, OUCH letter of the request, 0 = none
const CONNECTION_OFFSET = TYPE_OFFSET + 1; // i32
const ACCOUNT_OFFSET = CONNECTION_OFFSET + 4; // i32, the lane's number, -1 = none
const USER_REF_NUM_OFFSET = ACCOUNT_OFFSET + 4; // u32
const WHY_OFFSET = USER_REF_NUM_OFFSET + 4; // u8, LOG_WHY
const FRAME_BYTES_OFFSET = WHY_OFFSET + 1; // u8, of the frame that follows
const DETAIL_OFFSET = FRAME_BYTES_OFFSET + 1; // u16, per kind
const FRAME_OFFSET = DETAIL_OFFSET + 2;
export const LOG_FRAME_BYTES_MAX = 32;
export const LOG_RECORD_BYTES = FRAME_OFFSET + LOG_FRAME_BYTES_MAX;
export const LOG_RING_RECORDS = 65_536;

export const createLogRing = (): SharedArrayBuffer =>
  createRecordRing(LOG_RING_RECORDS, LOG_RECORD_BYTES);

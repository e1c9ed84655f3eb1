// What an event loop and its alarm's thread share.
//
//   place   written by   what
//   ARMED   both         word: 1 = the moment stands, 0 = it is over; the thread sleeps on it
//   DUE     the loop     double: the moment, nanoseconds of the common clock; written before ARMED

export const ALARM_WORD = { ARMED: 0 } as const;
export const ALARM_DOUBLE = { DUE: 1 } as const;
export const ALARM_BYTES = 16;

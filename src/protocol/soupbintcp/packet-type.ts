// SoupBinTCP 3.00 packet types (§2). The server's 'U' of 4.00 is never sent: clients choke on it.

/** '+', either direction, at any time: text for people. Never counted. */
export const DEBUG = 0x2b;

export const CLIENT_LOGIN_REQUEST = 0x4c; // 'L'
export const CLIENT_UNSEQUENCED = 0x55; // 'U', one OUCH inbound message
export const CLIENT_HEARTBEAT = 0x52; // 'R'
export const CLIENT_LOGOUT = 0x4f; // 'O'

export const SERVER_LOGIN_ACCEPTED = 0x41; // 'A'
export const SERVER_LOGIN_REJECTED = 0x4a; // 'J'
export const SERVER_SEQUENCED = 0x53; // 'S', one OUCH outbound message
export const SERVER_HEARTBEAT = 0x48; // 'H'
export const SERVER_END_OF_SESSION = 0x5a; // 'Z'

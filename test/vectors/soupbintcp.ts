// Golden bytes of SoupBinTCP packets, written by hand from the specification. Never made by the code under test.

export const PACKET_VECTORS = {
  // user1 / secret, blank session, sequence 1.
  login:
    "002f 4c 757365723120 73656372657420202020 20202020202020202020 2020202020202020202020202020202020202031",
  // Resumes SESS01 at 42.
  loginResume:
    "002f 4c 757365723120 73656372657420202020 20202020534553533031 2020202020202020202020202020202020203432",
  // Version 4.10: sequence 0, 5000 ms.
  login410:
    "0034 4c 757365723120 73656372657420202020 20202020202020202020 2020202020202020202020202020202020202030 2035303030",
  loginAccepted: "001f 41 20202020534553533031 2020202020202020202020202020202020202031",
  loginNotAuthorized: "0002 4a 41",
  loginNoSession: "0002 4a 53",
  serverHeartbeat: "0001 48",
  clientHeartbeat: "0001 52",
  logout: "0001 4f",
  endOfSession: "0001 5a",
  debugHello: "0006 2b 68656c6c6f",
  // One-byte OUCH messages in either data packet.
  unsequencedQuery: "0002 55 51",
  sequencedStartOfDay: "000b 53 53 00001f1ad635bd15 53",
} as const;

// What a capture is made of: chunks of bytes as sockets gave and took them, connections that come and go, and the
// pressure that the gateway was under meanwhile. One layout for the ring between gate and scribe and for the file.
//
//   offset  bytes  field        all little endian
//        0      4  recordBytes  of header and payload, without the padding to a multiple of 8
//        4      2  kind         CAPTURE_KIND
//        6      2  flags        CAPTURE_FLAG
//        8      4  connection   unique within a capture; 0 = the process
//       12      4  detail       depends on the kind
//       16      8  atNs         double: monotonic nanoseconds, of the clock that the file's header anchors
//       24      …  payload

export const CAPTURE_HEADER_BYTES = 24;

export const CAPTURE_KIND = {
  /** A connection came, or was there when the capture began (MID). Payload: ConnectFacts as JSON. */
  CONNECT: 1,
  /** Bytes from the client. Payload: the chunk, passwords blanked. */
  IN: 2,
  /** Bytes to the client, handed to the kernel in one write. Payload: the chunk. */
  OUT: 3,
  /** The client said FIN; it may still read. */
  END: 4,
  /** The connection is gone. detail: CLOSED_BY. */
  CLOSE: 5,
  /** Bytes of a connection that the capture could not keep. Payload: LossFacts as JSON. Its framing is lost from here on. */
  LOST: 6,
  /** A garbage collection, a long turn, a full ring …: PressureFacts as JSON. connection: 0. */
  PRESSURE: 16,
} as const;

export const CAPTURE_FLAG = {
  /** Of CONNECT: bytes before this record were not seen. */
  MID: 1,
} as const;

export const CLOSED_BY = { UNKNOWN: 0, CLIENT: 1, SERVER: 2, RESET: 3 } as const;

export interface ConnectFacts {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of a connection that was logged in already; otherwise its login says it. */
  readonly account?: string;
}

export interface LossFacts {
  readonly direction: "in" | "out";
  readonly chunks: number;
  readonly bytes: number;
}

export interface PressureFacts {
  /** As events are called: "gc", "long-turn", "inbound-full" … */
  readonly event: string;
  /** "gate", "lane0", "scribe" … */
  readonly thread: string;
  readonly durationNs: number;
  readonly value?: number;
}

/** One record as readers give it and writers take it. */
export interface CaptureRecord {
  readonly kind: number;
  readonly flags: number;
  readonly connection: number;
  readonly detail: number;
  readonly atNs: number;
  /** Valid until the next record is asked for. */
  readonly payload: Buffer;
}

/** The file's description of itself, as JSON in its header. */
export interface CaptureInfo {
  /** Of the format: CAPTURE_VERSION. */
  readonly version: number;
  /** "SoupBinTCP 3.00 / OUCH 5.0" */
  readonly protocol: string;
  /** Who made it: "tailgate 0.1.0 gate", "pcap import" … */
  readonly origin: string;
  readonly host: string;
  readonly node: string;
  readonly cpu: string;
  /** Of the gateway that was captured; empty when it is not known. */
  readonly configHash: string;
  readonly session: string;
  /** The same moment on both clocks. */
  readonly anchorNs: number;
  readonly anchorEpochMs: number;
}

export const CAPTURE_VERSION = 1;

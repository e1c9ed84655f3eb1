// What the scribe is made of: parts that look at shared memory now and then, answer requests, and close. One part is
// late or fails without the others; worker.ts lists them.

import type {
  ScribeCaptureStart,
  ScribeCaptureStop,
  ScribeSample,
  ScribeSession,
} from "../memory/scribe-worker-data.ts";

export interface AdminReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
}

/** `query` has what stands behind the ? of the request. */
export type AdminRoute = (query: URLSearchParams) => AdminReply | Promise<AdminReply>;

export interface ScribePart {
  /** By path. GET and HEAD only; a body is refused before a route is asked. */
  readonly routes?: Readonly<Record<string, AdminRoute>>;
  /** Ten times a second, bounded work; a part that needs less often counts by itself. */
  tick?(nowNs: number): void;
  /** After a tick: its bound was reached, and the next one should come soon. */
  readonly isBehind?: boolean;
  /** Another session takes clients: its memory is new. */
  onSession?(session: ScribeSession): void;
  /** Once a second. */
  onSample?(sample: ScribeSample): void;
  onCapture?(message: ScribeCaptureStart | ScribeCaptureStop): void;
  /** The admin port gave an answer of so many bytes. */
  onAnswered?(path: string, tookMs: number, bytes: number): void;
  /** So many connections to the admin port are open. */
  onCallers?(count: number): void;
  /** The process ends: what still lies in rings is written, files are closed. No tick follows. */
  close?(): void | Promise<void>;
}

/** A line on the gateway's stderr. */
export type Say = (
  level: "info" | "warn" | "error",
  line: string,
  fields: Readonly<Record<string, string | number | boolean>>,
) => void;

export const jsonReply = (value: unknown, status = 200): AdminReply => ({
  status,
  contentType: "application/json",
  body: `${JSON.stringify(value)}\n`,
});

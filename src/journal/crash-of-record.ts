// A record that made a lane throw, as people read it. Apart from crash-files.ts, because only a lane needs what
// describes messages. Lane thread.

import { messageOf } from "../base/message-of.ts";
import { INBOUND_KIND, type InboundRecord } from "../memory/inbound-record.ts";
import type { SlotMemory } from "../memory/slot-memory.ts";
import { describeInbound } from "../protocol/ouch/describe.ts";
import type { Crash } from "./crash-files.ts";

/** A crash on its way into a file: the record as people read it. */
export function crashOf(
  record: InboundRecord,
  slots: SlotMemory,
  where: Pick<Crash, "session" | "lane" | "record" | "account">,
  thrown: unknown,
): Crash {
  const { kind, payloadOffset, payloadBytes, flags, detail, connection, epoch, eventNs } = record;
  const isMessage = kind === INBOUND_KIND.MESSAGE;
  const message = isMessage ? describeInbound(slots.view, payloadOffset, payloadBytes) : {};
  const names = Object.entries(INBOUND_KIND);
  return {
    ...where,
    error: messageOf(thrown),
    stack: thrown instanceof Error ? (thrown.stack ?? "") : "",
    kind: names.find(([, value]) => value === kind)?.[0] ?? String(kind),
    decoded: { flags, detail, connection, epoch, eventNs, ...message },
    hex: slots.bytes.toString("hex", payloadOffset, payloadOffset + payloadBytes),
  };
}

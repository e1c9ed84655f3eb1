// A client that does on purpose what makes a replay difficult, and what it sent as others recorded it.

import type { CaptureRecord } from "../../src/capture/capture-record.ts";
import { CAPTURE_KIND } from "../../src/capture/capture-record.ts";
import {
  type EnterFields,
  writeCancel,
  writeDisable,
  writeEnable,
  writeEnter,
  writeMassCancel,
  writeModify,
  writeQuery,
  writeReplace,
} from "../../src/tools/client/order-messages.ts";
import { PacketCutter } from "../../src/tools/replay/packet-cutter.ts";
import { RequestReader } from "../../src/tools/replay/request-reader.ts";
import { packet } from "./soup-packets.ts";

type Write = (view: DataView, offset: number) => number;

/** One OUCH message in its packet. */
export function ouch(write: Write): Buffer {
  const bytes = Buffer.alloc(512);
  const length = write(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  return packet("U", bytes.subarray(0, length));
}

export const enter = (userRefNum: number, fields: Partial<EnterFields> = {}): Buffer =>
  ouch((view, offset) =>
    writeEnter(view, offset, {
      userRefNum,
      side: "B",
      quantity: 100,
      symbol: "ZVZZT",
      price: 1_000_000,
      ...fields,
    }),
  );
export const replace = (
  origUserRefNum: number,
  userRefNum: number,
  fields: { quantity?: number; price?: number } = {},
): Buffer =>
  ouch((view, offset) =>
    writeReplace(view, offset, {
      origUserRefNum,
      userRefNum,
      quantity: 100,
      price: 1_000_000,
      ...fields,
    }),
  );
export const cancel = (userRefNum: number, quantity = 0): Buffer =>
  ouch((view, offset) => writeCancel(view, offset, { userRefNum, quantity }));
export const modify = (userRefNum: number, side: string, quantity: number): Buffer =>
  ouch((view, offset) => writeModify(view, offset, { userRefNum, side, quantity }));
export const massCancel = (userRefNum: number, firm: string): Buffer =>
  ouch((view, offset) => writeMassCancel(view, offset, { userRefNum, firm }));
export const disable = (userRefNum: number, firm: string): Buffer =>
  ouch((view, offset) => writeDisable(view, offset, { userRefNum, firm }));
export const enable = (userRefNum: number, firm: string): Buffer =>
  ouch((view, offset) => writeEnable(view, offset, { userRefNum, firm }));
export const query = (userRefIdx?: number): Buffer =>
  ouch((view, offset) =>
    writeQuery(
      view,
      offset,
      userRefIdx === undefined ? {} : { tags: { USER_REF_IDX: userRefIdx } },
    ),
  );

/** What one connection sent: packets without their numbers, sessions and heartbeats, and where chunks cut packets. */
export interface SentSequence {
  readonly messages: string[];
  /** "message:byte" for each chunk that ends within a packet. */
  readonly cuts: string[];
}

/** By connection, in the order of their opening. */
export function sentSequences(records: Iterable<CaptureRecord>): SentSequence[] {
  const sequences = new Map<number, SentSequence>();
  const cutters = new Map<number, PacketCutter>();
  const reader = new RequestReader();
  for (const { kind, connection, payload } of records) {
    if (kind !== CAPTURE_KIND.IN) continue;
    let cutter = cutters.get(connection);
    const sequence = sequences.get(connection) ?? { messages: [], cuts: [] };
    sequences.set(connection, sequence);
    if (cutter === undefined) {
      cutter = new PacketCutter("in", false, (type, view, offset, bytes) => {
        const letter = String.fromCharCode(type);
        if (letter === "R") return;
        if (letter === "L") sequence.messages.push("L");
        else sequence.messages.push(letter + masked(reader, view, offset, bytes));
      });
      cutters.set(connection, cutter);
    }
    cutter.add(Buffer.from(payload));
    if (cutter.pendingBytes > 0) {
      sequence.cuts.push(`${sequence.messages.length}:${cutter.pendingBytes}`);
    }
  }
  return [...sequences.values()];
}

function masked(reader: RequestReader, view: DataView, offset: number, bytes: number): string {
  const copy = Buffer.alloc(bytes + 64);
  for (let index = 0; index < bytes; index++) copy[index] = view.getUint8(offset + index);
  const copyView = new DataView(copy.buffer, copy.byteOffset, copy.length);
  if (bytes > 0) {
    reader.read(copyView, 0, bytes);
    const { asked, hasNumber } = reader;
    reader.renumber(copyView, 0, { asked, hasNumber, number: 0, target: 0 });
  }
  return copy.toString("hex", 0, bytes);
}

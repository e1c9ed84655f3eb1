// An outbound OUCH message in a few words, so that a test can say what it expects in one line.

import type { Fields } from "../../src/protocol/ouch/describe.ts";

/** "A 1 L", "E 1 100@189.5000 A", "J 2 0017"; " /5" at the end is its UserRefIdx. */
export function shortText(fields: Fields): string {
  const { type, userRefNum: number, userRefIdx } = fields;
  const channel = userRefIdx === undefined ? "" : ` /${userRefIdx}`;
  return `${type} ${restOf(fields, number)}${channel}`;
}

function restOf(fields: Fields, number: string | number | undefined): string {
  switch (fields.type) {
    case "S":
      return `${fields.eventCode}`;
    case "A":
      return `${number} ${fields.orderState}`;
    case "U":
      return `${fields.origUserRefNum}>${number} ${fields.quantity} ${fields.orderState}`;
    case "C":
      return `${number} ${fields.quantity} ${fields.reason}`;
    case "E":
      return `${number} ${fields.quantity}@${fields.price} ${fields.liquidityFlag}`;
    case "J":
      return `${number} ${fields.reason}`;
    case "M":
      return `${number} ${fields.side} ${fields.quantity}`;
    case "Q":
      return `${fields.nextUserRefNum}`;
    default:
      return `${number}`;
  }
}

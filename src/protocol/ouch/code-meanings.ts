// Codes as people read them. For tools; the texts are the names in codes.ts.

import * as codes from "./codes.ts";

/** What describing a message gives: fields by name, in the order of the wire. */
export type Fields = Record<string, string | number>;

type CodeTable = Readonly<Record<string, number>>;

const TABLES: Readonly<Record<string, CodeTable>> = {
  side: codes.SIDE,
  timeInForce: codes.TIME_IN_FORCE,
  display: codes.DISPLAY,
  capacity: codes.CAPACITY,
  crossType: codes.CROSS_TYPE,
  customerType: codes.CUSTOMER_TYPE,
  priceType: codes.PRICE_TYPE,
  discretionPriceType: codes.PRICE_TYPE,
  postOnly: codes.POST_ONLY,
  handleInst: codes.HANDLE_INST,
  orderState: codes.ORDER_STATE,
  eventCode: codes.EVENT_CODE,
  liquidityFlag: codes.LIQUIDITY,
};

/** `reason` means something else in each message that has it. */
const REASON_TABLES: Readonly<Record<string, CodeTable>> = {
  J: codes.REJECT_REASON,
  C: codes.CANCEL_REASON,
  D: codes.CANCEL_REASON,
  B: codes.BROKEN_TRADE_REASON,
  R: codes.RESTATED_REASON,
};

const REJECTED = "J";
const REJECT_CODE_DIGITS = 4;
const HEX = 16;

/** The text of a code, or undefined when the field is no code or the code is unknown. */
export function meaningOf(messageType: string, field: string, value: string): string | undefined {
  const isReason = field === "reason";
  const table = isReason ? REASON_TABLES[messageType] : TABLES[field];
  if (!table) return undefined;
  const code =
    isReason && messageType === REJECTED ? Number.parseInt(value, HEX) : letterCode(value);
  const name = Object.keys(table).find((key) => table[key] === code);
  return name?.toLowerCase().replaceAll("_", " ");
}

/** The text of a reject reason, or "unknown reason". */
export const rejectReasonText = (reason: number): string =>
  meaningOf(REJECTED, "reason", rejectCode(reason)) ?? "unknown reason";

/** A reject reason as the specification writes it: four hexadecimal digits. */
export const rejectCode = (reason: number): string =>
  reason.toString(HEX).toUpperCase().padStart(REJECT_CODE_DIGITS, "0");

/** A one-letter code as it is; what is not printable as its number. */
export const letter = (code: number): string =>
  code >= 0x20 && code <= 0x7e ? String.fromCharCode(code) : `0x${code.toString(HEX)}`;

const letterCode = (text: string): number =>
  text.length === 1 ? text.charCodeAt(0) : Number(text);

/** Four implied decimals made explicit: 1895000 is "189.5000". */
export function priceText(price: number): string {
  const sign = price < 0 ? "-" : "";
  const units = Math.abs(price);
  const dollars = Math.floor(units / codes.PRICE_UNITS_PER_DOLLAR);
  const rest = String(units % codes.PRICE_UNITS_PER_DOLLAR).padStart(4, "0");
  return `${sign}${dollars}.${rest}`;
}

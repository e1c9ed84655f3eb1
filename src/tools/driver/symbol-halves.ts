// A symbol as the flyweights have it: two u32, so that writing and comparing one allocates nothing.

import { SYMBOL_BYTES } from "../../protocol/ouch/field-bytes.ts";

export interface SymbolHalves {
  readonly high: number;
  readonly low: number;
}

export function symbolHalves(symbol: string): SymbolHalves {
  const bytes = Buffer.from(symbol.padEnd(SYMBOL_BYTES), "latin1");
  return { high: bytes.readUInt32BE(0), low: bytes.readUInt32BE(4) };
}

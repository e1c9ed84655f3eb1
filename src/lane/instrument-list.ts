// The configured instruments as entries of the lane's table: at the start of a session, and when its configuration
// changes. Lane thread.

import type { LaneConfig } from "../memory/lane-config.ts";
import { SYMBOL_BYTES } from "../protocol/ouch/field-bytes.ts";
import { writeText } from "../protocol/wire-fields.ts";
import { type Instruments, NO_INSTRUMENT } from "../venue/instruments.ts";

/** What an instrument has that nobody configured. */
export const ANY_TICK = 1;

/** A symbol as it stands on the wire. */
const letters = new DataView(new ArrayBuffer(SYMBOL_BYTES));
const writeSymbol = (symbol: string): void => writeText(letters, 0, SYMBOL_BYTES, symbol);
const symbolHigh = (): number => letters.getUint32(0);
const symbolLow = (): number => letters.getUint32(4);

/**
 * Brings the table in line with the configuration: every symbol is listed at a tick of 1, or those of the list are, at
 * theirs, and no others.
 */
export function listInstruments(instruments: Instruments, { venue }: LaneConfig): void {
  const isEvery = venue.instruments === "*";
  for (let instrument = 0; instrument < instruments.count; instrument++) {
    instruments.setListed(instrument, isEvery);
    if (isEvery) instruments.setTickSize(instrument, ANY_TICK);
  }
  if (venue.instruments === "*") return;
  for (const { symbol, tickSize } of venue.instruments) {
    writeSymbol(symbol);
    const instrument = instruments.findOrAdd(symbolHigh(), symbolLow(), tickSize);
    instruments.setTickSize(instrument, tickSize);
    instruments.setListed(instrument, true);
  }
}

/**
 * The configuration with room for its own list: instruments that are known and not in it keep their places, which its
 * author cannot know of.
 */
export function withInstrumentsRoom(config: LaneConfig, instruments: Instruments): LaneConfig {
  const { venue } = config;
  if (venue.instruments === "*") return config;
  let needed = instruments.count;
  for (const { symbol } of venue.instruments) {
    writeSymbol(symbol);
    if (instruments.find(symbolHigh(), symbolLow()) === NO_INSTRUMENT) needed++;
  }
  const instrumentsMax = Math.max(venue.instrumentsMax, needed);
  return { ...config, venue: { ...venue, instrumentsMax } };
}

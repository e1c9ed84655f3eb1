// The embedded venue that a configuration asks for. Lane thread.

import type { LaneConfig } from "../memory/lane-config.ts";
import { AckVenue } from "../venue/ack.ts";
import { BookVenue } from "../venue/book/book-venue.ts";
import type { OrderSlab } from "../venue/order-slab.ts";
import type { Venue, VenueOptions, VenueSink } from "../venue/venue.ts";

/** Injected, so that a test can put another venue behind a lane. */
export type MakeVenue = (config: LaneConfig, orders: OrderSlab, sink: VenueSink) => Venue;

export const makeVenue: MakeVenue = (config, orders, sink) => {
  const { kind, instrumentsMax, ordersMax } = config.venue;
  const { outputsPerStepMax } = config;
  const options: VenueOptions = { orders, sink, instrumentsMax, ordersMax, outputsPerStepMax };
  return kind === "book" ? new BookVenue(options) : new AckVenue(options);
};

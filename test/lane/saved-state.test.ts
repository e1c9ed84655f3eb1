// A lane that was saved and restored, at any record, is the lane that it was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_HELD } from "../../src/lane/accounts.ts";
import { makeVenue } from "../../src/lane/make-venue.ts";
import { DAY_PHASE } from "../../src/memory/inbound-record.ts";
import { BareLane, makeLateVenue } from "../support/bare-lane.ts";
import { recordedFlow } from "../support/recorded-flow.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { StateDifferences } from "../support/state-differences.ts";

const seed = fuzzSeed();

const VENUES = [
  { name: "the book", options: {}, venueMaker: makeVenue },
  { name: "a venue that only accepts", options: { venue: { kind: "ack" } }, venueMaker: makeVenue },
  { name: "a venue that answers later", options: { isLate: true }, venueMaker: makeLateVenue },
] as const;

/** What two lanes may differ in that stand at the same record. Whatever is not named here must be saved. */
const EXCEPTIONS = [
  // Around the lane: the outbox is saved by itself, the rest is this process's own.
  "Outbox",
  "Unsequenced",
  "CounterWriter",
  // Begins anew with every record.
  "RequestCause",
  "LaneState.sinceNs",
  "LaneState.isChanged",
  "LaneState.isVenueIgnoring",
  "Answers.timestamp",
  "Answers.batch",
  "Answers.batchIndex",
  "Answers.view",
  "Answers.base",
  "AppendageReader",
  "AppendageWriter",
  "EnterIntake.instrument",
  "EnterIntake.clOrdId",
  "ReplaceIntake.clOrdId",
  "MalformedIntake.clOrdId",
  // The same content in another arrangement: both lanes are saved as the same bytes, and the index finds the same.
  "OrderIndex.words",
  "BusyInstruments.queue",
  "BusyInstruments.head",
  "ExpiryHeap.heap",
];

function assertSame(lane: BareLane, other: BareLane): void {
  assert.equal(other.core.digest.hex(), lane.core.digest.hex());
  assert.equal(other.core.written, lane.core.written);
  assert.ok(other.saved().equals(lane.saved()), "both would be saved as the same bytes");
}

/** Every order is found under its key, or is not any more. */
function assertIndexed(lane: BareLane, other: BareLane): void {
  const state = lane.core.state;
  if (state === undefined) {
    assert.equal(other.core.state, undefined, "one of them has no configuration yet");
    return;
  }
  const { orders, index } = state;
  for (let order = 0; order < orders.usedCount; order++) {
    const account = orders.account(order);
    const userRefIdx = orders.userRefIdx(order);
    const userRefNum = orders.userRefNum(order);
    const found = other.core.state?.index.find(account, userRefIdx, userRefNum);
    assert.equal(found, index.find(account, userRefIdx, userRefNum));
  }
}

const FLOWS_MAX = 5;
const UNFINISHED = ["mass cancel", "held request", "sweep", "end of the day"];

/** What a save came into the middle of. */
function unfinishedWork({ core }: BareLane): string[] {
  const { state } = core;
  if (state === undefined) return [];
  const accounts = Array.from({ length: state.accounts.count }, (_, at) => state.accounts.at(at));
  const is = [
    accounts.some(({ massCancel }) => massCancel !== undefined),
    accounts.some(({ firstHeld }) => firstHeld !== NO_HELD),
    state.venue.hasWork(),
    core.dayPhase === DAY_PHASE.CLOSING,
  ];
  return UNFINISHED.filter((_, index) => is[index]);
}

const SHORT_OF_INSTRUMENTS = {
  name: "the book and fewer instruments than are asked for",
  options: { venue: { instrumentsMax: 2 } },
  venueMaker: makeVenue,
} as const;

for (const { name, options, venueMaker } of [...VENUES, SHORT_OF_INSTRUMENTS]) {
  test(`a lane with ${name} goes on after save and restore as if nothing had been, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    const slots = recordedFlow(random, options, 2000);
    const lane = new BareLane(venueMaker);
    let other = new BareLane(venueMaker);
    for (const slot of slots) {
      assert.equal(other.apply(slot), lane.apply(slot));
      if (random.below(80) > 0) continue;
      assertSame(lane, other);
      other = other.restored();
      assertSame(lane, other);
    }
    assertSame(lane, other);
    assert.equal(lane.core.dayPhase, DAY_PHASE.CLOSED);
  });
}

for (const { name, options, venueMaker } of VENUES) {
  test(`nothing of a lane with ${name} is forgotten when it is saved, seed ${seed}`, () => {
    const isAck = options === VENUES[1].options;
    const unmet = new Set(EXCEPTIONS);
    const unfinished = new Set<string>();
    const kinds = isAck ? UNFINISHED.length - 1 : UNFINISHED.length;
    // One flow in some hundreds never has all kinds of unfinished work.
    for (let flow = 1; flow <= FLOWS_MAX && unfinished.size < kinds; flow++) {
      const random = new SeededRandom(seed + flow);
      const lane = new BareLane(venueMaker);
      for (const slot of recordedFlow(random, options, 1000)) {
        lane.apply(slot);
        const isNews = unfinishedWork(lane).some((work) => !unfinished.has(work));
        if (!isNews && random.below(lane.core.hasWork() ? 6 : 40) > 0) continue;
        const other = lane.restored();
        const differences = new StateDifferences(new Set(EXCEPTIONS));
        assert.deepEqual(differences.compare(lane.core, other.core, "lane").found, []);
        assertIndexed(lane, other);
        for (const exception of differences.met) unmet.delete(exception);
        for (const work of unfinishedWork(lane)) unfinished.add(work);
      }
    }
    assert.deepEqual(
      [...unmet].filter((exception) => !isAck || !/^Busy/.test(exception)),
      [],
    );
    assert.equal(unfinished.size, kinds);
  });
}

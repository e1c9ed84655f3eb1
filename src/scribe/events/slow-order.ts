// A slow order for people and scripts: who, what, each stage, and what else happened meanwhile. The tools read these
// types too. Scribe thread.

import type { EpochOffset } from "../../base/epoch-offset.ts";
import { answerSymbol } from "../../telemetry/answer-symbol.ts";
import { STAGE, STAGE_NAMES } from "../../telemetry/latency-series.ts";
import { ORDER_STAMPS, type OrderRecord } from "../../telemetry/order-record.ts";
import { type DescribedEvent, describeEvent, thousandths, timeText } from "./described-event.ts";
import type { Overlap, Overlaps } from "./overlaps.ts";

export interface SlowOrder {
  /** From which its total counts. */
  readonly time: string;
  readonly monotonicNs: number;
  readonly account: string;
  /** OUCH letters. */
  readonly type: string;
  readonly answer: string;
  readonly userRefNum: number;
  /** Empty: the answer names none. */
  readonly symbol: string;
  readonly outcome: "accepted" | "rejected";
  /** It left later than its batch; because its client did not read. */
  readonly isDelayed: boolean;
  readonly isPeerLimited: boolean;
  readonly totalUs: number;
  readonly worstStage: StageName;
  readonly stagesUs: Readonly<Record<StageName, number>>;
  readonly lane: number;
  readonly connection: number;
  /** Records that waited in the lane's ring when it came. */
  readonly ringDepth: number;
  /** Requests in its batch, 0 = not known; and its place among them. */
  readonly batchCount: number;
  readonly batchIndex: number;
  /** What lies over the worst stage most comes first. */
  readonly events: readonly OverlappingEvent[];
  /** So many more are not shown. */
  readonly eventsMore: number;
}

export interface OverlappingEvent extends DescribedEvent {
  readonly overlapUs: number;
  readonly worstStageUs: number;
}

/** The answer of /slow.json. */
export interface SlowOrders {
  readonly over: string;
  /** Orders that are looked at, and from when the oldest is; empty without any. */
  readonly kept: number;
  readonly keptSince: string;
  /** Of these, over the threshold. */
  readonly found: number;
  /** The last of them, newest first. */
  readonly orders: readonly SlowOrder[];
}

/** Without service, which is the sum of some of the others. */
const STAGES = STAGE_NAMES.slice(0, STAGE.service);
export type StageName = Exclude<(typeof STAGE_NAMES)[number], "service">;

const EVENTS_SHOWN = 10;

/** Good until the next call. */
const stamps = new Float64Array(ORDER_STAMPS.length);

export function describeOrder(
  record: OrderRecord,
  account: string,
  overlaps: Overlaps,
  epoch: EpochOffset,
  baseNs: bigint,
): SlowOrder {
  const { lane } = record;
  const worst = readStamps(record);
  const sinceNs = stamps[0]!;
  const writtenNs = stamps.at(-1)!;
  const found = overlaps.of({
    lane,
    sinceNs,
    writtenNs,
    worstStage: worst,
    worstFromNs: stamps[worst]!,
    worstToNs: stamps[worst + 1]!,
  });
  const stagesUs = STAGES.map((name, stage) => [name, micros(stamps[stage + 1]! - stamps[stage]!)]);
  return {
    time: timeText(epoch, sinceNs),
    monotonicNs: Number(baseNs) + sinceNs,
    account: account || `lane ${lane} account ${record.account}`,
    type: letterOf(record.requestType),
    answer: letterOf(record.answerType),
    userRefNum: record.userRefNum,
    symbol: answerSymbol(record.frame()),
    outcome: record.isRejected ? "rejected" : "accepted",
    isDelayed: record.isDelayed,
    isPeerLimited: record.isPeerLimited,
    totalUs: micros(writtenNs - sinceNs),
    worstStage: STAGES[worst] as StageName,
    stagesUs: Object.fromEntries(stagesUs) as Record<StageName, number>,
    lane,
    connection: record.connection,
    ringDepth: record.depth,
    batchCount: record.batchCount,
    batchIndex: record.batchIndex,
    events: found.slice(0, EVENTS_SHOWN).map((overlap) => describeOverlap(overlap, epoch, baseNs)),
    eventsMore: Math.max(0, found.length - EVENTS_SHOWN),
  };
}

/** Into `stamps`, one that was not taken as the one before it. Returns the longest stage. */
function readStamps(record: OrderRecord): number {
  let worst = 0;
  stamps[0] = record.sinceNs;
  for (let stage = 0; stage < STAGES.length; stage++) {
    const startNs = stamps[stage]!;
    stamps[stage + 1] = Math.max(startNs, record.stampNs(ORDER_STAMPS[stage + 1]!));
    if (stamps[stage + 1]! - startNs > stamps[worst + 1]! - stamps[worst]!) worst = stage;
  }
  return worst;
}

const describeOverlap = (
  { event, overlapNs, worstStageNs }: Overlap,
  epoch: EpochOffset,
  baseNs: bigint,
): OverlappingEvent => ({
  ...describeEvent(event, epoch, baseNs),
  overlapUs: micros(overlapNs),
  worstStageUs: micros(worstStageNs),
});

const micros = (ns: number): number => thousandths(ns / 1e3);
const letterOf = (byte: number): string => (byte === 0 ? "" : String.fromCharCode(byte));

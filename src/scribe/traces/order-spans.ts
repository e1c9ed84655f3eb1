// An order record as OpenTelemetry sees it: one root for the request, from the earliest moment at which it can have
// been there to the moment at which the kernel had its answer, and one child for each stage between. Built afterwards
// from the stamps. Scribe thread.

import type * as OtelApi from "@opentelemetry/api";
import type { EpochOffset } from "../../base/epoch-offset.ts";
import type { AccountNames } from "../../telemetry/account-names.ts";
import { answerSymbol } from "../../telemetry/answer-symbol.ts";
import {
  REQUEST_TYPES,
  requestTypeIndex,
  STAGE,
  STAGE_NAMES,
  UNKNOWN_REQUEST,
} from "../../telemetry/latency-series.ts";
import { ORDER_STAMPS, type OrderRecord } from "../../telemetry/order-record.ts";
import { type OrderIds, REQUEST_NAMES, traceIdOf } from "./order-ids.ts";

/** Stages lie between the stamps; service is the sum of some of them. */
const STAGES = STAGE_NAMES.slice(0, STAGE.service);

export interface OrderSpansOptions {
  readonly api: typeof OtelApi;
  readonly tracer: OtelApi.Tracer;
  readonly ids: OrderIds;
  readonly epoch: EpochOffset;
  readonly names: AccountNames;
  /** A slower answer is marked. */
  readonly tailNs: number;
}

export class OrderSpans {
  private readonly options: OrderSpansOptions;

  constructor(options: OrderSpansOptions) {
    this.options = options;
  }

  /** `session` is the trading session that the order came in. */
  add(record: OrderRecord, session: string): void {
    const { api, tracer, ids, epoch } = this.options;
    const type = letterOf(record.requestType);
    const account = this.accountOf(record);
    // An account query has no number: each is a trace of its own.
    const order = record.userRefNum === 0 ? record.sinceNs : record.userRefNum;
    ids.begin(traceIdOf(session, account, order), type, record.writtenNs);
    const attributes = this.attributesOf(record, type, account, session);
    const startTime = epoch.timeOf(record.sinceNs);
    const root = tracer.startSpan(
      nameOf(record.requestType),
      { kind: api.SpanKind.SERVER, startTime, attributes, root: true },
      api.ROOT_CONTEXT,
    );
    // OTEL_TRACES_SAMPLER has left it out, and would leave out its children.
    if (!root.isRecording()) return;
    const context = api.trace.setSpan(api.ROOT_CONTEXT, root);
    let startNs = startTime;
    for (const [stage, name] of STAGES.entries()) {
      const endNs = epoch.timeOf(record.stampNs(ORDER_STAMPS[stage + 1]!));
      tracer.startSpan(name, { startTime: startNs }, context).end(endNs);
      startNs = endNs;
    }
    root.end(startNs);
  }

  private accountOf({ lane, account }: OrderRecord): string {
    return this.options.names.get(lane, account) || `lane ${lane} account ${account}`;
  }

  private attributesOf(
    record: OrderRecord,
    type: string,
    account: string,
    session: string,
  ): OtelApi.Attributes {
    const symbol = answerSymbol(record.frame());
    return {
      "order.account": account,
      "order.type": type,
      "order.user_ref_num": record.userRefNum,
      ...(symbol === "" ? {} : { "order.symbol": symbol }),
      "order.outcome": record.isRejected ? "rejected" : "accepted",
      "order.answer": letterOf(record.answerType),
      "order.total_us": Math.round(record.totalNs / 1000),
      "order.is_slow": record.totalNs > this.options.tailNs,
      "order.is_delayed": record.isDelayed,
      "order.is_peer_limited": record.isPeerLimited,
      "gateway.session": session,
      "gateway.lane": record.lane,
      "gateway.connection": record.connection,
      "gateway.ring.depth": record.depth,
      "gateway.batch.count": record.batchCount,
      "gateway.batch.index": record.batchIndex,
    };
  }
}

const letterOf = (byte: number): string => String.fromCharCode(byte);

function nameOf(requestType: number): string {
  const index = requestTypeIndex(requestType);
  return index === UNKNOWN_REQUEST ? "request" : REQUEST_NAMES[REQUEST_TYPES[index]!];
}

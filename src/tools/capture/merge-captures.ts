// Several captures on one line of time: that of the first, by the wall clocks of all.

import type { CaptureInfo, CaptureRecord } from "../../capture/capture-record.ts";
import type { CaptureSource } from "./capture-source.ts";

interface Head {
  readonly records: Iterator<CaptureRecord>;
  readonly shiftNs: number;
  readonly numbers: Map<number, number>;
  record: CaptureRecord;
}

/** Connections get new numbers; each capture keeps its order. */
export function* mergeRecords(sources: readonly CaptureSource[]): Generator<CaptureRecord> {
  const [first] = sources;
  if (first === undefined) return;
  const heads: Head[] = [];
  for (const { info, records } of sources.map((source) => ({
    info: source.info,
    records: source.records()[Symbol.iterator](),
  }))) {
    const next = records.next();
    if (next.done === true) continue;
    heads.push({
      records,
      shiftNs: shiftNs(info, first.info),
      numbers: new Map([[0, 0]]),
      record: next.value,
    });
  }
  let count = 0;
  while (heads.length > 0) {
    let earliest = heads[0];
    for (const head of heads) {
      if (earliest === undefined || timeOf(head) < timeOf(earliest)) earliest = head;
    }
    if (earliest === undefined) return;
    const { record, numbers } = earliest;
    let connection = numbers.get(record.connection);
    if (connection === undefined) {
      connection = ++count;
      numbers.set(record.connection, connection);
    }
    yield { ...record, connection, atNs: timeOf(earliest) };
    const next = earliest.records.next();
    if (next.done === true) heads.splice(heads.indexOf(earliest), 1);
    else earliest.record = next.value;
  }
}

export function mergedInfo(sources: readonly CaptureSource[]): CaptureInfo {
  const [first, ...others] = sources.map(({ info }) => info);
  if (first === undefined) throw new Error("nothing to merge");
  const same = (key: "host" | "node" | "cpu" | "configHash" | "session"): string =>
    others.every((info) => info[key] === first[key]) ? first[key] : "";
  return {
    ...first,
    origin: `merge of ${sources.length} captures`,
    host: same("host"),
    node: same("node"),
    cpu: same("cpu"),
    configHash: same("configHash"),
    session: same("session"),
  };
}

const timeOf = ({ record, shiftNs }: Head): number => record.atNs + shiftNs;

/** What turns times of one capture into those of another. */
const shiftNs = (info: CaptureInfo, target: CaptureInfo): number =>
  target.anchorNs - info.anchorNs + Math.round((info.anchorEpochMs - target.anchorEpochMs) * 1e6);

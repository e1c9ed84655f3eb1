// Whether what a record says can be used. Checksums tell that a file is as it was written, not who wrote it.

import {
  CAPTURE_KIND,
  CAPTURE_VERSION,
  type CaptureInfo,
  type CaptureRecord,
  type ConnectFacts,
  type LossFacts,
  type PressureFacts,
} from "./capture-record.ts";

type Unchecked<T> = { readonly [Key in keyof T]?: unknown };

/** Of a record whose payload is JSON, that it is what its kind asks for; of each, that its time is one. */
export function isUsable({ kind, atNs, payload }: CaptureRecord): boolean {
  if (!isTime(atNs)) return false;
  if (kind === CAPTURE_KIND.CONNECT) return isConnect(objectOf(payload));
  if (kind === CAPTURE_KIND.LOST) return isLoss(objectOf(payload));
  if (kind === CAPTURE_KIND.PRESSURE) return isPressure(objectOf(payload));
  return true;
}

/** A file's description of itself; undefined when it is none. */
export function infoOf(bytes: Buffer): CaptureInfo | undefined {
  const info: Unchecked<CaptureInfo> = objectOf(bytes);
  const texts = [info.protocol, info.origin, info.host, info.node, info.cpu];
  const areTexts = [...texts, info.configHash, info.session].every(isText);
  const areTimes = isTime(info.anchorNs) && isTime(info.anchorEpochMs);
  const isInfo = info.version === CAPTURE_VERSION && areTexts && areTimes;
  return isInfo ? (info as CaptureInfo) : undefined;
}

const isConnect = ({ remoteAddress, remotePort, account }: Unchecked<ConnectFacts>): boolean =>
  isText(remoteAddress) && isCount(remotePort) && (account === undefined || isText(account));

const isLoss = ({ direction, chunks, bytes }: Unchecked<LossFacts>): boolean =>
  (direction === "in" || direction === "out") && isCount(chunks) && isCount(bytes);

const isPressure = ({ event, thread, durationNs }: Unchecked<PressureFacts>): boolean =>
  isText(event) && isText(thread) && isTime(durationNs);

/** Empty when it is none. */
function objectOf(bytes: Buffer): object {
  try {
    const parsed: unknown = JSON.parse(bytes.toString());
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {}; // whoever asks misses the fields
  }
}

const isText = (value: unknown): boolean => typeof value === "string";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
/**
 * Merged clocks may leave fractions, and captures that are months apart numbers of which only the nearest double is
 * known. Beyond this one is what 64 bits of seconds cannot say.
 */
const TIME_NS_MAX = 1e30;
const isTime = (value: unknown): boolean =>
  typeof value === "number" && Math.abs(value) <= TIME_NS_MAX;

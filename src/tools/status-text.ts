// `status` in words: at most forty lines, what is wrong first to be seen.

import type { GateStatus } from "../gate/gate-status.ts";
import type { LatencySummary } from "../gate/status-history.ts";
import type { LatencyStatus, ShareStatus, StatusReport } from "../gate/status-report.ts";
import { byteText, countText, tableLine, timeText } from "./terminal-text.ts";

/** What the control command answers. */
export interface StatusAnswer {
  readonly pid: number;
  readonly node: string;
  readonly session: string;
  readonly durability: string;
  readonly venue: string;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly scribeRestarts: number;
  /** 0 = it gives signs of life. */
  readonly scribeSilentMs: number;
  readonly rollsAt: string;
  readonly gate: GateStatus & { readonly counters: Readonly<Record<string, number>> };
  readonly lanes: readonly Readonly<Record<string, number>>[];
  readonly journals: readonly JournalAnswer[];
  /** Of the capture that runs. */
  readonly capture?: CaptureAnswer | null;
  readonly report: StatusReport;
}

interface JournalAnswer {
  readonly segment: number;
  readonly stagedSegments: number;
  readonly checkpointSegment: number;
  readonly isShort: boolean;
  readonly syncNsMax: number;
  readonly waits: number;
}

interface CaptureAnswer {
  readonly file: string;
  readonly startedAt: string;
  readonly chunks: number;
  readonly bytes: number;
  readonly lostChunks: number;
}

const COLUMNS = [
  { title: "", width: 26 },
  { title: "answers", width: 13 },
  { title: "late", width: 9 },
  { title: "P50", width: 9 },
  { title: "P99", width: 9 },
  { title: "P999", width: 9 },
  { title: "max", width: 9 },
];
const LANES_SHOWN = 4;
const TABLES = [
  { name: "live orders", used: "ordersLive", max: "ordersMax" },
  { name: "instruments", used: "instruments", max: "instrumentsMax" },
] as const;

export const statusText = (status: StatusAnswer): string =>
  [
    ...headLines(status),
    "",
    ...latencyLines(status.report.latency),
    "",
    ...sessionLines(status),
    "",
    ...journalLines(status),
    "",
    ...memoryLines(status),
  ].join("\n");

function headLines({ report, ...status }: StatusAnswer): string[] {
  const { gate } = status;
  const state = gate.isDraining ? "draining" : gate.isRolling ? "ending its session" : "open";
  const { version, build, configHash, changedKeys, lastRun, recovery } = report;
  const how =
    lastRun === null
      ? "none known"
      : `${lastRun.how} (${lastRun.startedAt} to ${lastRun.endedAt ?? "?"})`;
  return [
    `tailgate ${version}, pid ${status.pid}, session ${status.session}, ${state}, up ${durationText(status.uptimeSeconds)}`,
    line(
      "build",
      `${build}, Node ${status.node}, venue ${status.venue}, started ${status.startedAt}`,
    ),
    line("configuration", `${configHash}, ${differenceText(changedKeys)}`),
    line("last run", how),
    line(
      "recovery",
      recovery === null
        ? "none: no journal"
        : `${timeText(recovery.elapsedMs * 1e6)} for ${countText(recovery.records)} records, ${countText(recovery.recordsReplayed)} of them replayed`,
    ),
    ...captureLines(status.capture ?? null),
  ];
}

function captureLines(capture: CaptureAnswer | null): string[] {
  if (capture === null) return [];
  const { file, startedAt, chunks, bytes, lostChunks } = capture;
  const lost = lostChunks === 0 ? "none lost" : `${countText(lostChunks)} chunks LOST`;
  const what = `${countText(chunks)} chunks, ${byteText(bytes)}, ${lost}, since ${startedAt}`;
  return [line("capture", `${what}, to ${file}`)];
}

function differenceText(changedKeys: readonly string[] | null): string {
  if (changedKeys === null) return "but its files cannot be read any more: a restart would fail";
  if (changedKeys.length === 0) return "as in its files";
  return `its files differ, and a restart would change: ${shortened(changedKeys.join(", "))}`;
}

function latencyLines(latency: LatencyStatus | null): string[] {
  if (latency === null)
    return [line("latency", "nothing is recorded (telemetry.enabled is false)")];
  const { slaMs, minute, fiveMinutes, hour, sinceStart } = latency;
  const title = `latency, SLA ${slaMs} ms`.padEnd(26);
  const share = ({ count, late }: ShareStatus): string[] => [
    countText(count),
    count === 0 ? "–" : `${((late / count) * 100).toFixed(3)} %`,
  ];
  const quantiles = (of: LatencySummary): string[] => {
    const { count, p50Ns, p99Ns, p999Ns, maxNs } = of;
    if (count === 0) return ["–", "–", "–", "–"];
    return [
      timeText(p50Ns),
      timeText(p99Ns),
      p999Ns === null ? "few" : timeText(p999Ns),
      maxNs === 0 ? "–" : timeText(maxNs),
    ];
  };
  const row = (name: string, seconds: number, ...cells: string[]): string => {
    const blanks = COLUMNS.slice(cells.length + 1).map(() => "");
    const label = `  ${name} (${durationText(seconds)})`.padEnd(26);
    return tableLine(COLUMNS, [label, ...cells, ...blanks]).trimEnd();
  };
  return [
    tableLine(COLUMNS, [title, "answers", "late", "P50", "P99", "P999", "max"]),
    row("last minute", minute.seconds, ...share(minute), ...quantiles(minute)),
    row("last hour", hour.seconds, ...share(hour)),
    row("since the start", sinceStart.seconds, ...share(sinceStart), ...quantiles(sinceStart)),
    line(
      "burn",
      `${burnText(fiveMinutes)} over ${durationText(fiveMinutes.seconds)}, ${burnText(hour)} over ${durationText(hour.seconds)} (1.0 = one in a thousand late, as allowed)`,
    ),
  ];
}

const burnText = ({ count, burn }: ShareStatus): string => (count === 0 ? "–" : burn.toFixed(2));

function sessionLines({ gate, report }: StatusAnswer): string[] {
  const { lostSessions, takeovers } = report;
  const { byReason, latest, seconds } = lostSessions;
  const reasons = Object.entries(byReason).map(([reason, count]) => `${count} ${reason}`);
  const lost = reasons.length === 0 ? "none" : reasons.join(", ");
  return [
    line("sessions", `${gate.live} logged in, ${gate.pending} not yet`),
    line(
      "ended",
      `in ${durationText(seconds)}: ${lost}; ${takeovers.count} takeovers in ${durationText(takeovers.seconds)}`,
    ),
    ...latest.map(({ account, remote, reason, agoMs }) =>
      line("", `${account} ${remote} ${reason}, ${durationText(agoMs / 1000)} ago`),
    ),
  ];
}

function journalLines({ durability, journals, report, rollsAt }: StatusAnswer): string[] {
  const { journalSync, disk, keeperRestarts } = report;
  const syncMaxNs = Math.max(0, ...journals.map(({ syncNsMax }) => syncNsMax));
  return [
    line(
      "journal",
      `${durability}${syncText(journalSync, syncMaxNs)}; the session ends ${rollsAt}`,
    ),
    ...journals.slice(0, LANES_SHOWN).map((journal, lane) => {
      const { segment, stagedSegments, checkpointSegment, waits, isShort } = journal;
      const short = isShort ? "; SHORT OF DISK: new orders are refused" : "";
      return line(
        `  lane ${lane}`,
        `segment ${segment}, ${stagedSegments} staged, checkpoint of ${checkpointSegment}, waited ${waits} times${short}`,
      );
    }),
    ...(disk === null
      ? []
      : [
          line(
            "  disk",
            `${disk.usedPercent} % used of ${disk.usedPercentMax} %, ${byteText(disk.bytesLeft)} left, ${hoursText(disk.hoursLeft)}`,
          ),
        ]),
    ...(keeperRestarts === 0 ? [] : [line("  keeper", `started again ${keeperRestarts} times`)]),
  ];
}

/** Where nothing was synced yet, or ever is, there is nothing to tell. */
function syncText(journalSync: StatusReport["journalSync"], maxNs: number): string {
  if (maxNs === 0) return "";
  // A bucket of the histogram may end behind the longest.
  const p99 =
    journalSync === null ? "" : `, sync P99 ${timeText(Math.min(journalSync.p99Ns, maxNs))}`;
  return `${p99}, longest sync ${timeText(maxNs)}`;
}

const hoursText = (hours: number | null): string => {
  if (hours === null) return "nothing was written lately";
  return hours > 10_000 ? "for over a year" : `${hours.toFixed(1)} hours at this rate`;
};

type LaneCounts = StatusAnswer["lanes"][number];

/** Of its orders or its instruments, whichever there is less room for; 1 = no more are taken. */
const fullness = (lane: LaneCounts): number =>
  Math.max(...TABLES.map(({ used, max }) => (lane[used] ?? 0) / (lane[max] ?? 1)));

/** Of the fullest lane. */
function tablesText(lanes: readonly LaneCounts[]): string {
  const fullest = lanes.reduce((most, lane) => (fullness(lane) > fullness(most) ? lane : most));
  const texts = TABLES.map(({ name, used, max }) => {
    return `${countText(fullest[used] ?? 0)} of ${countText(fullest[max] ?? 0)} ${name}`;
  });
  return `${texts.join(", ")}${fullness(fullest) < 1 ? "" : "; FULL: new orders get 000A"}`;
}

function scribeText({ scribeRestarts, scribeSilentMs }: StatusAnswer): string {
  const states: string[] = [];
  if (scribeSilentMs > 0) {
    states.push(`SILENT for ${durationText(scribeSilentMs / 1000)}: no metrics, no logs`);
  }
  if (scribeRestarts > 0) states.push(`started again ${scribeRestarts} times`);
  return states.join("; ") || "well";
}

function memoryLines(status: StatusAnswer): string[] {
  const { gate, lanes, report } = status;
  const { windows, outbox } = report;
  const pool = ({ inUse, highWater, max }: GateStatus["sendBuffers"]): string =>
    `${inUse} of ${max} (at most ${highWater})`;
  return [
    ...gate.lanes.slice(0, LANES_SHOWN).map((lane, index) => {
      const { inboundSlotsUsed, inboundSlots, inboundHighWater, socketsWaiting } = lane;
      const { outboundSlotsWaiting, outboundSlots } = lane;
      return line(
        `lane ${index}`,
        `ring in ${inboundSlotsUsed} of ${inboundSlots} (at most ${inboundHighWater}), out ${outboundSlotsWaiting} of ${outboundSlots}; ${socketsWaiting} sockets wait for room`,
      );
    }),
    line("tables", tablesText(lanes)),
    line("windows", `${byteText(windows.bytes)} under way, ${windows.full} clients do not read`),
    line(
      "outbox",
      `${byteText(outbox.bytes)} in memory (at most ${byteText(outbox.highWater)}), ${byteText(outbox.fileBytes)} in files`,
    ),
    line("buffers", `send ${pool(gate.sendBuffers)}, stashes ${pool(gate.stashes)}`),
    line("scribe", scribeText(status)),
  ];
}

const line = (name: string, text: string): string => `${name.padEnd(14)} ${text}`;

const shortened = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 119)}…`);

/** 5 s, 12 min, 3 h 12 min, 2 d 4 h. */
export function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

// Are there descriptors that nobody knows of? Looks at /proc/self/fd every half minute, some at a time (E38), and holds
// the kinds against what there was when the gateway was up, and the connections that came since, the admin port's too.
// What is too much three times in a row is a leak: a metric, a line, an alert. Scribe thread.

import { type Dir, opendirSync, readlinkSync } from "node:fs";
import type { ScribeSample } from "../memory/scribe-worker-data.ts";
import type { Say, ScribePart } from "./scribe-part.ts";

const DESCRIPTORS = "/proc/self/fd";
const LOOKS_PER_TURN = 500;
const NS_PER_SECOND = 1e9;
const EVERY_NS = 30 * NS_PER_SECOND;
/** Doors open a moment after the first session. */
const SETTLED_NS = 5 * NS_PER_SECOND;
const SAMPLES_IN_A_ROW = 3;
/**
 * Of a kind, comes and goes with the gateway's work: callers of the control socket, as many as it takes; segments staged
 * and being checkpointed, files that are put aside.
 */
const SLACK = 16;

const KINDS = ["socket", "file", "pipe", "anon_inode", "device"] as const;
export type DescriptorKind = (typeof KINDS)[number];
export type DescriptorCounts = Readonly<Record<DescriptorKind, number>>;

export interface LeakStats {
  /** As of the latest look; all zero before the first. */
  readonly counts: DescriptorCounts;
  /** Descriptors that nothing explains, in each of the last three looks. */
  readonly unexplained: number;
}

export interface LeakWatchOptions {
  readonly say: Say;
  readonly everyNs?: number;
  readonly settledNs?: number;
}

interface Look {
  readonly directory: Dir;
  readonly counts: Record<DescriptorKind, number>;
}

const none = (): Record<DescriptorKind, number> => ({
  socket: 0,
  file: 0,
  pipe: 0,
  anon_inode: 0,
  device: 0,
});

export class LeakWatch implements ScribePart {
  private readonly say: Say;
  private readonly everyNs: number;
  private readonly settledNs: number;
  private nextNs = Number.POSITIVE_INFINITY;
  private look: Look | undefined;
  private counts: DescriptorCounts = none();
  private baseline: { readonly counts: DescriptorCounts; readonly sockets: number } | undefined;
  private connections = 0;
  private callers = 0;
  /** Most that there were of both since the look began: who leaves while we look is no leak. */
  private socketsMax = 0;
  /** Of the last looks, the latest last. */
  private surpluses: number[] = [];
  private isLeaking = false;
  private nowNs = 0;

  constructor({ say, everyNs = EVERY_NS, settledNs = SETTLED_NS }: LeakWatchOptions) {
    this.say = say;
    this.everyNs = everyNs;
    this.settledNs = settledNs;
  }

  stats(): LeakStats {
    return { counts: this.counts, unexplained: this.unexplained };
  }

  /** The first one says that a session is open. */
  onSample({ connections }: Pick<ScribeSample, "connections">): void {
    this.connections = connections;
    this.noteSockets();
    if (this.nextNs === Number.POSITIVE_INFINITY) this.nextNs = this.nowNs + this.settledNs;
  }

  onCallers(count: number): void {
    this.callers = count;
    this.noteSockets();
  }

  tick(nowNs: number): void {
    this.nowNs = nowNs;
    if (this.look === undefined) {
      if (nowNs < this.nextNs) return;
      this.nextNs = nowNs + this.everyNs;
      this.begin();
    }
    if (this.look !== undefined) this.goOn(this.look);
  }

  close(): void {
    this.look?.directory.closeSync();
    this.look = undefined;
  }

  private get unexplained(): number {
    if (this.surpluses.length < SAMPLES_IN_A_ROW) return 0;
    return Math.min(...this.surpluses);
  }

  private get sockets(): number {
    return this.connections + this.callers;
  }

  private noteSockets(): void {
    this.socketsMax = Math.max(this.socketsMax, this.sockets);
  }

  private begin(): void {
    this.socketsMax = this.sockets;
    try {
      this.look = { directory: opendirSync(DESCRIPTORS), counts: none() };
    } catch {
      // No Linux: nobody looks. Or no descriptor is left for it, and the next look says so.
    }
  }

  private goOn({ directory, counts }: Look): void {
    for (let looks = 0; looks < LOOKS_PER_TURN; looks++) {
      const entry = directory.readSync();
      if (entry === null) {
        this.close();
        this.counts = counts;
        this.compare();
        return;
      }
      const kind = kindOf(entry.name);
      if (kind !== undefined) counts[kind]++;
    }
  }

  private compare(): void {
    const { counts, sockets, socketsMax } = this;
    this.baseline ??= { counts, sockets };
    const came = Math.max(0, socketsMax - this.baseline.sockets);
    const surpluses = KINDS.map((kind) => {
      const known = (this.baseline?.counts[kind] ?? 0) + (kind === "socket" ? came : 0);
      return Math.max(0, counts[kind] - known - SLACK);
    });
    this.surpluses.push(surpluses.reduce((sum, surplus) => sum + surplus));
    if (this.surpluses.length > SAMPLES_IN_A_ROW) this.surpluses.shift();
    this.tell();
  }

  private tell(): void {
    const { unexplained, counts } = this;
    if (unexplained > 0 === this.isLeaking) return;
    this.isLeaking = unexplained > 0;
    if (this.isLeaking)
      this.say("error", "descriptor-leak", { unexplained, ...counts, advice: ADVICE });
    else this.say("info", "descriptor-leak-over", { ...counts });
  }
}

const ADVICE =
  "look at the kinds with ops/bin/fd-patrol and ls -l /proc/PID/fd: before the limit is reached, plan a restart";

/** Undefined: closed meanwhile, or the look's own. */
function kindOf(descriptor: string): DescriptorKind | undefined {
  try {
    const target = readlinkSync(`${DESCRIPTORS}/${descriptor}`);
    if (target.startsWith("socket:")) return "socket";
    if (target.startsWith("pipe:")) return "pipe";
    if (target.startsWith("anon_inode:")) return "anon_inode";
    if (target.startsWith("/dev/")) return "device";
    return /^\/proc\/\d+\/fd$/.test(target) ? undefined : "file";
  } catch {
    return undefined;
  }
}

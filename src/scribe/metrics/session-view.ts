// The memory of the session that takes clients, as main has told the scribe of it. Its journal counts begin at zero with
// each session; totals here go on.

import { JOURNAL_COUNT, JournalBlock } from "../../memory/journal-block.ts";
import { Progress } from "../../memory/progress.ts";
import { RingProbe } from "../../memory/ring-probe.ts";
import type { ScribeSession } from "../../memory/scribe-worker-data.ts";

const COUNTS = Object.keys(JOURNAL_COUNT).length;

export interface LaneRings {
  readonly inbound: RingProbe;
  readonly outbound: RingProbe;
}

export class SessionView {
  id = "";
  /** By lane; empty until a session is there. */
  rings: readonly LaneRings[] = [];
  /** By lane; undefined without a journal. */
  journals: readonly (JournalBlock | undefined)[] = [];
  private progress: Progress | undefined;
  /** By lane: counts of the sessions before. */
  private readonly formerCounts: Float64Array[] = [];

  /** Said again to a scribe that knows it already, it changes nothing. */
  open({ session, lanes, progress }: ScribeSession): void {
    if (session === this.id) return;
    this.journals.forEach((journal, lane) => {
      for (let place = 0; place < COUNTS; place++) {
        this.formerOf(lane)[place]! += journal?.counts[place] ?? 0;
      }
    });
    this.id = session;
    this.rings = lanes.map(({ inbound, outbound }) => ({
      inbound: new RingProbe(inbound),
      outbound: new RingProbe(outbound),
    }));
    this.journals = lanes.map(({ journal }) => journal && new JournalBlock(journal));
    this.progress = new Progress(progress);
  }

  /** `place` of JOURNAL_COUNT, of one that counts up. */
  journalTotal(lane: number, place: number): number {
    return this.formerOf(lane)[place]! + (this.journals[lane]?.counts[place] ?? 0);
  }

  /** Connections whose lane has more for them than their windows take. */
  starvedCount(): number {
    return this.progress?.starvedCount() ?? 0;
  }

  private formerOf(lane: number): Float64Array {
    this.formerCounts[lane] ??= new Float64Array(COUNTS);
    return this.formerCounts[lane];
  }
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { JOURNAL_CALL, type JournalTimes } from "../../src/journal/journal-times.ts";
import { JOURNAL_COUNT } from "../../src/memory/journal-block.ts";
import { JournalRig, LANE_DIRECTORY } from "../support/journal-rig.ts";
import { SimulatedDisk } from "../support/simulated-disk.ts";

class Told implements JournalTimes {
  readonly call = new Float64Array(3);
  readonly calls: string[] = [];

  onWrite(): void {
    this.note("write");
  }
  onSync(): void {
    this.note("sync");
  }
  onSegmentWait(): void {
    this.note("wait");
  }
  private note(name: string): void {
    const { call } = this;
    assert.ok(call[JOURNAL_CALL.START_NS]! > 0 && call[JOURNAL_CALL.DURATION_NS]! >= 0);
    this.calls.push(`${name} ${call[JOURNAL_CALL.BYTES]}`);
  }
}

test("each write, each sync and each wait for a segment is told, with its bytes", () => {
  const rig = new JournalRig(new SimulatedDisk(LANE_DIRECTORY));
  const times = new Told();
  const stageLater = (): void => {
    rig.clock.advanceMs(3);
    rig.stage();
  };
  const writer = rig.writer({ times, onWaiting: stageLater });
  rig.append(writer, { payload: Buffer.from("a") });
  // Nothing is staged: the lane waits for the keeper.
  writer.commit(rig.digest);
  const bytes = writer.counts[JOURNAL_COUNT.BYTES]!;
  assert.deepEqual(times.calls, ["wait 0", `write ${bytes}`, `sync ${bytes}`]);
  rig.commit(writer, { payload: Buffer.from("b") });
  const more = writer.counts[JOURNAL_COUNT.BYTES]! - bytes;
  assert.deepEqual(times.calls.slice(3), [`write ${more}`, `sync ${more}`]);
});

test("the wait is told with the time that it took, and without syncs none are told", () => {
  const rig = new JournalRig(new SimulatedDisk(LANE_DIRECTORY));
  const times = new Told();
  let waitedNs = 0;
  times.onSegmentWait = () => {
    waitedNs = times.call[JOURNAL_CALL.DURATION_NS]!;
  };
  const writer = rig.writer({
    times,
    durability: "process-crash",
    onWaiting: () => {
      rig.clock.advanceMs(3);
      rig.stage();
    },
  });
  rig.append(writer, { payload: Buffer.from("a") });
  writer.commit(rig.digest);
  assert.equal(waitedNs, 3e6);
  assert.deepEqual(
    times.calls.map((call) => call.split(" ")[0]),
    ["write"],
  );
});

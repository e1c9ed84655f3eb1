// The lane of the doorbell's bench: parks, and rings once for each credit it is given.

import { workerData } from "node:worker_threads";
import { joinDoorbell } from "../../../src/memory/doorbell.ts";
import { LaneSignal } from "../../../src/memory/lane-signal.ts";

const signal = new LaneSignal(workerData.signal);
const button = joinDoorbell(workerData.doorbell);
let answered = 0;

const answer = (): boolean => {
  if (signal.credit() === answered) return false;
  answered++;
  if (signal.shouldRing()) button.ring();
  return true;
};

for (;;) {
  const wake = signal.announcePark();
  if (answer()) signal.cancelPark();
  else signal.park(wake, Number.POSITIVE_INFINITY);
}

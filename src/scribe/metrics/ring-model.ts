// How large an inbound ring must be so that a pause of its lane stops nobody: what arrives during the pause, and as much
// again (and a little) for a burst that comes with it.

const HEADROOM = 2.3;
const SLOTS_MIN = 2;

/** `recordsPerSecond` at its highest, `pauseNs` that only one pause in a hundred exceeds. A power of two, as rings are. */
export function ringSlotsRecommended(recordsPerSecond: number, pauseNs: number): number {
  const slots = recordsPerSecond * (pauseNs / 1e9) * HEADROOM;
  return slots <= SLOTS_MIN ? SLOTS_MIN : 2 ** Math.ceil(Math.log2(slots));
}

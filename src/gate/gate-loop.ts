// What drives the gate in the product: doorbells, a timer and the turns of the event loop.

import type { Doorbell } from "../memory/doorbell.ts";
import type { Gate } from "./gate.ts";

const TICK_MS = 5;

/** Starts to drive the gate; call what is returned to stop. `beat` is called with every tick. */
export function driveGate(
  gate: Gate,
  doorbells: readonly Doorbell[],
  beat: () => void,
): () => void {
  let isStopped = false;
  doorbells.forEach((doorbell, lane) => {
    doorbell.listen(() => {
      if (!isStopped) gate.onDoorbell(lane);
    });
  });
  const timer = setInterval(() => {
    gate.tick();
    beat();
  }, TICK_MS);
  // Unref'd, it runs once per turn without making the loop spin (E1).
  const onTurnEnd = (): void => {
    if (isStopped) return;
    gate.onTurnEnd();
    setImmediate(onTurnEnd).unref();
  };
  setImmediate(onTurnEnd).unref();
  return () => {
    isStopped = true;
    gate.close();
    clearInterval(timer);
  };
}

/** Milliseconds the main thread's loop has slept. */
export const loopIdleMs = (): number => performance.nodeTiming.idleTime;

export const nextTurn = (callback: () => void): void => {
  setImmediate(callback);
};

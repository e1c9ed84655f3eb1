// For threads that nobody waits for: in a worker this lowers the priority of its thread alone (E17).

import { setPriority } from "node:os";

const NICENESS = 10;

export function yieldToOrders(): void {
  try {
    setPriority(NICENESS);
  } catch {
    // A sandbox that forbids it makes the thread a little less polite, and nothing else.
  }
}

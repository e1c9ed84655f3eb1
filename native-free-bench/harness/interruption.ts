// Ctrl-C: the first one ends a bench behind the run that is under way, so that what was measured is shown; the second is
// meant at once.

import { onEndingSignals } from "../../src/tools/ending-signals.ts";

export class Interruption {
  isAsked = false;

  constructor() {
    onEndingSignals(
      () => {
        this.isAsked = true;
      },
      () => process.exit(1),
    );
  }
}

/** Of a process that a bench has started: signals reach the whole group, and its parent decides what they mean. */
export function leaveSignalsToParent(): void {
  onEndingSignals(
    () => {},
    () => {},
  );
}

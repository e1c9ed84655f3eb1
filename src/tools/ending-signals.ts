// Ctrl-C and its kin at a tool that has something to tell before it ends.

import { onAskedToEnd } from "../base/asked-to-end.ts";

/** `again` is for who asks twice, and does not want to wait. */
export const onEndingSignals = (end: () => void, again: () => void): void =>
  onAskedToEnd(["SIGINT", "SIGTERM", "SIGHUP"], end, again);

// Ctrl-C and its kin at a tool that has something to tell before it ends.

/** timeout(1) signals its command and the whole group, npm passes on what the group has had: that is one signal. */
const SAME_SIGNAL_MS = 300;

/** `again` is for who asks twice, and does not want to wait. */
export function onEndingSignals(end: () => void, again: () => void): void {
  let endedAtMs: number | undefined;
  const interrupt = (): void => {
    const nowMs = performance.now();
    if (endedAtMs === undefined) {
      endedAtMs = nowMs;
      end();
    } else if (nowMs - endedAtMs > SAME_SIGNAL_MS) again();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
}

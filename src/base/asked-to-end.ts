// Signals that ask a process to end: the first begins it, and one that comes later says that nobody wants to wait.

/** timeout(1) signals its command and the whole group, npm passes on what the group has had: that is one signal. */
const SAME_SIGNAL_MS = 300;

/** `again` is for who asks twice, and does not want to wait. */
export function onAskedToEnd<Signal extends NodeJS.Signals>(
  signals: readonly Signal[],
  end: () => void,
  again: (signal: Signal) => void,
): void {
  let endedAtMs: number | undefined;
  const hear = (signal: Signal): void => {
    const nowMs = performance.now();
    if (endedAtMs === undefined) {
      endedAtMs = nowMs;
      end();
    } else if (nowMs - endedAtMs > SAME_SIGNAL_MS) again(signal);
  };
  for (const signal of signals) process.on(signal, () => hear(signal));
}

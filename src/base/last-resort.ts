// The last resort of every exit path (E19): a process that is still there two seconds after it decided to end
// is killed. A timer alone would not do: with a worker stuck in a system call, process.exit() of the main
// thread never comes back to its event loop. So a small child watches from outside, and the timer stands in
// for it where there is no shell.

import { spawn } from "node:child_process";

const PATIENCE_SECONDS = 2;

// Only while we are still its parent: a process id may long belong to somebody else.
const OURS = 'grep -q "^PPid:[[:space:]]*$1\\$" "/proc/$$/status"';

// The end waits for every thread: those that only get what others leave (SCHED_IDLE) come back for it, or a busy machine
// makes a status into a SIGKILL. Where there is no chrt, none of them gave way.
const WATCH =
  `if ${OURS}; then chrt --all-tasks --other --pid 0 "$1"; fi; ` +
  `sleep ${PATIENCE_SECONDS}; ` +
  `if ${OURS}; then kill -9 "$1"; fi`;

let isArmed = false;

/** Call when the exit itself begins, not when a drain does. Costs a fork; a second call does nothing. */
export function armLastResort(): void {
  if (isArmed) return;
  isArmed = true;
  setTimeout(() => process.kill(process.pid, "SIGKILL"), PATIENCE_SECONDS * 1000).unref();
  try {
    watchFromOutside();
  } catch {
    // ENOMEM is thrown and not told. The end has a reason of its own, which is to be told.
  }
}

function watchFromOutside(): void {
  const child = spawn("/bin/sh", ["-c", WATCH, "last-resort", String(process.pid)], {
    // Its own session: a Ctrl-C at the terminal is for us, not for the watcher.
    detached: true,
    stdio: "ignore",
  });
  // No shell or no process to be had: the timer above is then all there is.
  child.on("error", () => undefined);
  child.unref();
}

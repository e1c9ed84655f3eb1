// Entry of the load process: runs one plan that its parent sends, and tells it progress and result. It ends when
// its parent hangs up: because it has the result, or because it is gone.

import { messageOf } from "../../base/message-of.ts";
import type { FromLoad, ToLoad } from "./load-child.ts";
import { LoadRun } from "./load-run.ts";

let run: LoadRun | undefined;

const tell = (message: FromLoad): void => {
  process.send?.(message);
};

async function start(message: Extract<ToLoad, { kind: "plan" }>): Promise<void> {
  try {
    run = new LoadRun(message.plan, (progress) => tell({ kind: "progress", progress }));
    const result = await run.run();
    tell({ kind: "result", result, intervals: run.intervals });
  } catch (error) {
    tell({ kind: "failed", reason: messageOf(error) });
  }
}

process.on("message", (message: ToLoad) => {
  if (message.kind === "plan") void start(message);
  else run?.stop();
});
// Ctrl-C, timeout(1) and a terminal that closes reach the whole process group; it is the parent who decides what
// that means.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => process.exit());

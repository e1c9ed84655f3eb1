// Entry of the load process: runs one plan that its parent sends, and tells it progress and result. It ends when
// it has said its result, or when its parent is gone.

import type { FromLoad, ToLoad } from "./load-child.ts";
import { LoadRun } from "./load-run.ts";

let run: LoadRun | undefined;

const tell = (message: FromLoad): void => {
  process.send?.(message);
};

/** The channel is closed when the message is through: a result is larger than a pipe takes at once. */
const tellLast = (message: FromLoad): void => {
  process.send?.(message, () => process.disconnect());
};

async function start(message: Extract<ToLoad, { kind: "plan" }>): Promise<void> {
  try {
    run = new LoadRun(message.plan, (progress) => tell({ kind: "progress", progress }));
    const result = await run.run();
    tellLast({ kind: "result", result, intervals: run.intervals });
  } catch (error) {
    tellLast({ kind: "failed", reason: error instanceof Error ? error.message : String(error) });
  }
}

process.on("message", (message: ToLoad) => {
  if (message.kind === "plan") void start(message);
  else run?.stop();
});
// Ctrl-C reaches the whole process group; it is the parent who decides what that means.
process.on("SIGINT", () => {});
process.on("disconnect", () => process.exit());

// Loaded into a gateway before its own code: at SIGUSR2 the process takes every descriptor that is left, at the next one
// it gives them back. What it has done is a line on stderr.

import { closeSync, openSync } from "node:fs";
import { isMainThread } from "node:worker_threads";

export const HOG_ENVIRONMENT: NodeJS.ProcessEnv = { NODE_OPTIONS: `--import ${import.meta.url}` };

function takeAll(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync("/dev/null", "r"));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EMFILE") throw error;
      return taken;
    }
  }
}

if (isMainThread && process.env.NODE_OPTIONS?.includes(import.meta.url)) {
  let taken: number[] = [];
  process.on("SIGUSR2", () => {
    if (taken.length === 0) taken = takeAll();
    else for (const descriptor of taken.splice(0)) closeSync(descriptor);
    process.stderr.write(`${JSON.stringify({ event: "hog", taken: taken.length })}\n`);
  });
}

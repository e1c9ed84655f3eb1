// Fills the compile cache named by the first argument with all that the gateway's threads load, and ends. Its entries
// do nothing when they are only imported.

import module from "node:module";

module.enableCompileCache(process.argv[2]);
const entries = [
  "./main.ts",
  "./lane/worker.ts",
  "./scribe/worker.ts",
  "./scribe/telemetry-parts.ts",
  "./scribe/log/order-lines.ts",
  "./scribe/traces/open-telemetry.ts",
  "./scribe/traces/order-spans.ts",
  "./scribe/traces/otel-instruments.ts",
  "./keeper/worker.ts",
  "./keeper/shadow-checkpoints.ts",
];
for (const entry of entries) await import(entry);
module.flushCompileCache();
// A timer that somebody's experiment starts in a source would keep this process, and the start that waits for it.
process.exit();

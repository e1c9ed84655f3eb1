// Loaded into a gateway: code that its stamps know nothing of holds the event loop, every so often for so long.

import { isMainThread } from "node:worker_threads";

const EVERY_MS = Number(process.env.BLOCK_EVERY_MS ?? 500);
const BLOCK_MS = Number(process.env.BLOCK_MS ?? 15);

if (isMainThread) {
  setInterval(() => {
    const endMs = performance.now() + BLOCK_MS;
    while (performance.now() < endMs);
  }, EVERY_MS).unref();
}

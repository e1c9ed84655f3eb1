// npm run test:crash: the crash test at length. CRASH_ROUNDS (120) says how long, CRASH_SEED makes the same choices
// again; the moments of a death are the machine's.

import { runCrashRounds } from "./crash-run.ts";

const ROUNDS = 120;
/** The keeper is polite: on a busy machine a checkpoint takes its time. */
const PATIENCE_MS = 10_000;

const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
const rounds = Number(process.env.CRASH_ROUNDS ?? ROUNDS);
const startedMs = performance.now();
console.log(
  `crash test, ${rounds} rounds, seed ${seed} (CRASH_SEED=${seed} makes its choices again)`,
);
const report = await runCrashRounds({
  seed,
  rounds,
  patienceMs: PATIENCE_MS,
  tell: (line) => console.log(line),
});
const seconds = Math.round((performance.now() - startedMs) / 1000);
console.log(`everything holds after ${rounds} rounds in ${seconds} s: ${JSON.stringify(report)}`);

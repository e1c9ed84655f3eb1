// Runs the micro benches one after the other, each in a process of its own with the flags that its heading asks for, and
// keeps what they print.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";

/** Files of this folder. */
export const MICRO_FILES = [
  "base/digest.ts",
  "memory/ring-hop.ts",
  "memory/doorbell.ts",
  "memory/short-copy.ts",
  "protocol/codec.ts",
  "venue/book/book-venue.ts",
  "lane/references.ts",
  "lane/lane-orders.ts",
  "journal/journal-batch.ts",
  "gate/gate-orders.ts",
  "telemetry/shared-counts.ts",
  "telemetry/log-emit.ts",
  "telemetry/log-drain.ts",
] as const;

export interface MicroResult {
  readonly file: string;
  readonly lines: readonly string[];
}

const OUTPUT_BYTES_MAX = 2 ** 20;
const run = promisify(execFile);

/** Rejects when one of them ends with a status. */
export async function runMicro(
  files: readonly string[],
  tell: (text: string) => void,
  isStopped: () => boolean = () => false,
): Promise<MicroResult[]> {
  const results: MicroResult[] = [];
  for (const file of files) {
    if (isStopped()) break;
    const args = [...startCommand().slice(0, -1), join(import.meta.dirname, file)];
    const options = { cwd: PROJECT_ROOT, maxBuffer: OUTPUT_BYTES_MAX };
    const ended = await run(process.execPath, args, options).catch((error: unknown) => {
      // Ctrl-C has reached it as well.
      if (isStopped()) return undefined;
      throw error;
    });
    if (ended === undefined) break;
    const { stdout } = ended;
    results.push({ file, lines: stdout.trimEnd().split("\n") });
    tell(`${file} is done`);
  }
  return results;
}

export const microLines = (results: readonly MicroResult[]): string[] =>
  results.flatMap(({ file, lines }) => [`micro/${file}`, ...lines, ""]);

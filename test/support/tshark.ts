// Wireshark's command line, as the judge of bytes that we did not write.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;
const RUN_MS_MAX = 60_000;

/** What it writes to stdout. */
export async function tshark(...args: readonly string[]): Promise<string> {
  try {
    const options = { maxBuffer: OUTPUT_BYTES_MAX, timeout: RUN_MS_MAX };
    return (await run("tshark", args, options)).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      "tshark is not installed, and this test cannot do without it: apt-get install tshark",
      { cause: error },
    );
  }
}

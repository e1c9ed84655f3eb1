// What the machine and the command line must offer before anything is opened. Main thread, once.

import { readFileSync } from "node:fs";
import { descriptorLimit } from "../base/descriptor-limit.ts";
import { FaultError } from "../base/fault.ts";
import type { Log } from "./gate-config.ts";

/** Workers, files, pipes and the admin port. */
const DESCRIPTORS_BESIDE = 64;
/** Throws a FaultError when the configured connections cannot all be open at once (E27). */
export function checkDescriptors(connectionsMax: number, limit = descriptorLimit()): void {
  const needed = connectionsMax + DESCRIPTORS_BESIDE;
  if (needed > limit) throw new FaultError({ code: "DESCRIPTORS_TOO_FEW", needed, limit });
}

/**
 * Warns when the process runs without the V8 flags of the start script (E20); they are written down there alone. False:
 * some are missing.
 */
export function checkFlags(
  log: Log,
  startScript = readStartScript(),
  flags: readonly string[] = process.execArgv,
): boolean {
  const missing = startScript.split(" ").filter((word) => isFlag(word) && !flags.includes(word));
  if (missing.length === 0) return true;
  const reason = "started without the V8 flags of `npm start`: the tail will be longer";
  log.warn("flags", { missing: missing.join(" "), reason });
  return false;
}

const isFlag = (word: string): boolean => /^--(?!import$)/.test(word);

function readStartScript(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { scripts } = JSON.parse(readFileSync(file, "utf8")) as { scripts: { start: string } };
  return scripts.start;
}

/** What decides how soon a client that does not read is noticed (E24); ops/units/90-tailgate.conf has the reasons. */
export function tellKernelSettings(log: Log, folder = "/proc/sys/net"): void {
  const settings = ["ipv4/tcp_wmem", "ipv4/tcp_notsent_lowat", "core/somaxconn"];
  const values = settings.map((name) => [name.replace("/", "."), readSetting(`${folder}/${name}`)]);
  log.info("kernel", Object.fromEntries(values));
}

function readSetting(file: string): string {
  try {
    return readFileSync(file, "utf8").trim().replaceAll(/\s+/g, " ");
  } catch {
    return "unknown"; // not Linux, or hidden from us: nothing depends on it
  }
}

// What is known of the targets and of the machine: a verdict without it cannot be told from another one later.

import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { PROJECT_ROOT } from "../gateway-process.ts";
import type { EnvironmentFacts, TargetFacts } from "./comparison-record.ts";
import type { TargetSpec } from "./target-spec.ts";
import { withoutPasswords } from "./without-passwords.ts";

export function targetFacts({ kind, text, settings }: TargetSpec): TargetFacts {
  const isCheckout = kind === "checkout";
  return {
    ...{ kind, text: withoutPasswords(text), settings: settings.map(withoutPasswords) },
    commit: isCheckout ? commitOf(text) : null,
    startScript: isCheckout ? startScriptOf(text) : null,
  };
}

/** As git says, shortened; "+" behind it when tracked files differ. null without git or repository. */
export function commitOf(directory: string): string | null {
  const git = (...args: string[]): string | null => {
    const { status, stdout } = spawnSync("git", ["-C", directory, ...args], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : null;
  };
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === null) return null;
  const changes = git("status", "--porcelain", "--untracked-files=no");
  return changes === "" ? commit : `${commit}+`;
}

function startScriptOf(directory: string): string | null {
  try {
    const text = fs.readFileSync(path.join(directory, "package.json"), "utf8");
    const { scripts } = JSON.parse(text) as { scripts?: { start?: unknown } };
    return typeof scripts?.start === "string" ? scripts.start : null;
  } catch {
    return null; // starting it will say what is wrong with it
  }
}

export function environmentBefore(): Omit<EnvironmentFacts, "loadAfter"> {
  return {
    host: os.hostname(),
    node: process.version,
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
    kernel: os.release(),
    loadBefore: loadNow(),
    toolCommit: commitOf(PROJECT_ROOT),
  };
}

export const loadNow = (): number => os.loadavg()[0] ?? 0;

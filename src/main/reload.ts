// SIGHUP: the configuration is read again, and what may change while the gateway runs is put in force; of the rest is
// said that it needs a restart. A file that is wrong changes nothing. Main thread.

import { statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { FaultError, reasonOf } from "../base/fault.ts";
import type { GatewayConfig } from "../config/gateway-config.ts";
import { isRecord, joinPath } from "../config/rule.ts";
import type { Log } from "../gate/gate-config.ts";
import type { Sampling } from "../gate/sampling.ts";

/** Beneath it everything may change at any time. */
const RELOADABLE = "telemetry.log.sample";

export class Reload {
  private readonly read: () => GatewayConfig;
  private readonly started: GatewayConfig;
  private readonly sampling: Sampling | undefined;
  private readonly log: Log;

  /** `started`: what the process was started with. Without `sampling`, nothing is recorded. */
  constructor(
    read: () => GatewayConfig,
    started: GatewayConfig,
    sampling: Sampling | undefined,
    log: Log,
  ) {
    this.read = read;
    this.started = started;
    this.sampling = sampling;
    this.log = log;
  }

  run(): void {
    let config: GatewayConfig;
    try {
      config = this.read();
    } catch (error) {
      if (!(error instanceof FaultError)) throw error;
      this.log.error("reload-refused", { reason: reasonOf(error) });
      return;
    }
    const changed = this.changeSampling(config);
    const waiting = restartKeys(this.started, config);
    this.log.info("reloaded", {
      changed: changed.join(", "),
      needsRestart: waiting.join(", "),
    });
  }

  /** An operator's command may have changed it since. */
  private changeSampling({ telemetry }: GatewayConfig): string[] {
    const { sampling } = this;
    if (sampling === undefined) return [];
    const before = sampling.shares;
    sampling.apply(telemetry.log.sample);
    return [...differences(before, sampling.shares, RELOADABLE)];
  }
}

/**
 * What a restart would change, for who asks often: to read and check 20,000 accounts holds everybody's orders up for a
 * third of a second, so it is done at the start, and then only when a file is another than it was.
 */
export class RestartKeys {
  private readonly inForce: GatewayConfig;
  private readonly files: readonly string[];
  private readonly read: () => GatewayConfig;
  private stamp = "";
  private keys: readonly string[] | null = null;

  constructor(inForce: GatewayConfig, files: readonly string[], read: () => GatewayConfig) {
    this.inForce = inForce;
    this.files = files;
    this.read = read;
    this.now();
  }

  /** Null: the files are wrong, and a restart would fail. */
  now(): readonly string[] | null {
    const stamp = this.files.map(stampOf).join();
    if (stamp === this.stamp) return this.keys;
    this.stamp = stamp;
    try {
      this.keys = restartKeys(this.inForce, this.read());
    } catch {
      this.keys = null; // the next start will say what is wrong with them
    }
    return this.keys;
  }
}

/** Whatever is done to a file changes it. */
function stampOf(file: string): string {
  try {
    const { dev, ino, size, ctimeMs } = statSync(file);
    return [dev, ino, size, ctimeMs].join(" ");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

/** Keys in which `config` differs from what is in force, and that take effect with the next start. */
export const restartKeys = (inForce: GatewayConfig, config: GatewayConfig): string[] =>
  [...differences(inForce, config, "")].filter((path) => !path.startsWith(RELOADABLE));

/** Paths of what is not the same in both; a list is one thing, and no value is shown. */
function* differences(before: unknown, after: unknown, path: string): Iterable<string> {
  if (!isRecord(before) || !isRecord(after)) {
    if (!isDeepStrictEqual(before, after)) yield path;
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    yield* differences(before[key], after[key], joinPath(path, key));
  }
}

// One run of the load driver against one gateway: started for it in an empty directory, stopped behind it.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { laneDirectoryName } from "../../src/journal/journal-names.ts";
import { gatewayArgs, parseDemoOptions } from "../../src/tools/demo-options.ts";
import { LoadChild } from "../../src/tools/driver/load-child.ts";
import type { LoadResult } from "../../src/tools/driver/load-result.ts";
import { exitText, GatewayProcess, type ReadyLine } from "../../src/tools/gateway-process.ts";
import { Scratch } from "./scratch.ts";

export interface GatewayLoad {
  readonly load: LoadResult;
  readonly ready: ReadyLine;
  /** Of the first lane; undefined without a journal. Gone when `look` has returned. */
  readonly laneDirectory: string | undefined;
}

export interface Beside {
  /** Called when the gateway is up, */
  readonly onReady?: (ready: ReadyLine) => void;
  /** and when the load is over, before the gateway ends. */
  readonly onLoaded?: (ready: ReadyLine, load: LoadResult) => Promise<void>;
  /** Of the gateway, on top of our own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** `args` are the demo's. `look` sees what the gateway left behind. */
export async function runGatewayLoad<Seen>(
  args: readonly string[],
  look: (run: GatewayLoad) => Seen,
  beside: Beside = {},
): Promise<Seen> {
  const options = parseDemoOptions([...args]);
  if (options === undefined) throw new Error("a scenario has no help of its own");
  using scratch = new Scratch("load");
  const gateway = await GatewayProcess.start(gatewayArgs(options, scratch.path), beside.env);
  try {
    const { ready } = gateway;
    beside.onReady?.(ready);
    const load = await new LoadChild({ ...options.plan, ...ready.order }, () => undefined).result;
    await beside.onLoaded?.(ready, load);
    const exit = await gateway.stop();
    if (exit.status !== 0) throw new Error(`the gateway ended with ${exitText(exit)}`);
    return look({ load, ready, laneDirectory: laneDirectoryIn(scratch.path, ready.session) });
  } catch (error) {
    throw new Error(gateway.stderr.slice(-5).join("\n"), { cause: error });
  } finally {
    await gateway.stop();
  }
}

export function laneDirectoryIn(journalDirectory: string, session: string): string | undefined {
  const directory = join(journalDirectory, session, laneDirectoryName(0));
  return existsSync(directory) && readdirSync(directory).length > 0 ? directory : undefined;
}

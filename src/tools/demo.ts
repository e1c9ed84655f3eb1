// npm run demo: the gateway in its own process, a two-sided market from several accounts in another, and a line
// each second on the terminal. --help says more.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { messageOf } from "../base/message-of.ts";
import { DEMO_HELP, type DemoOptions, gatewayArgs, parseDemoOptions } from "./demo-options.ts";
import { LoadChild } from "./driver/load-child.ts";
import type { LoadResult } from "./driver/load-result.ts";
import { onEndingSignals } from "./ending-signals.ts";
import { exitText, GatewayProcess } from "./gateway-process.ts";
import { line, progressLine, progressTitles, slaLine, summaryLines } from "./load-report.ts";
import { OwnOutput } from "./own-output.ts";
import { PeopleOutput } from "./people-output.ts";
import { countText } from "./terminal-text.ts";

const STATUS = { OK: 0, FAULT: 1, USAGE: 2 } as const;

const output = new OwnOutput();

async function main(): Promise<number> {
  let options: DemoOptions | undefined;
  try {
    options = parseDemoOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${DEMO_HELP}`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(DEMO_HELP);
    return STATUS.OK;
  }
  let directory: string | undefined;
  try {
    directory = fs.mkdtempSync(path.join(os.tmpdir(), "tailgate-demo-"));
    return await new Demo(options).run(directory);
  } catch (error) {
    console.error(messageOf(error));
    return STATUS.FAULT;
  } finally {
    if (directory !== undefined) fs.rmSync(directory, { recursive: true, force: true });
  }
}

class Demo {
  private readonly options: DemoOptions;
  private readonly people: PeopleOutput;
  private readonly faults: string[] = [];
  private gateway: GatewayProcess | undefined = undefined;
  private load: LoadChild | undefined = undefined;
  private isInterrupted = false;
  private isStopping = false;

  constructor(options: DemoOptions) {
    this.options = options;
    this.people = new PeopleOutput(options.isJson);
  }

  async run(directory: string): Promise<number> {
    onEndingSignals(
      () => this.stop(),
      () => this.kill(),
    );
    output.whenLost(() => this.stop());
    const gateway = await GatewayProcess.start(gatewayArgs(this.options, directory), {}, directory);
    this.gateway = gateway;
    void gateway.ended.then((exit) => {
      if (this.isStopping) return;
      this.faults.push(`the gateway ended by itself with ${exitText(exit)}`);
      this.faults.push(...gateway.stderr.slice(-5));
      this.load?.stop();
    });
    const result = this.isInterrupted ? undefined : await this.trade(gateway);
    this.isStopping = true;
    const exit = await gateway.stop();
    if (this.faults.length === 0 && exit.status !== 0) {
      this.faults.push(`the gateway did not end cleanly: ${exitText(exit)}`);
      this.faults.push(...gateway.stderr.slice(-5));
    }
    this.report(result, gateway);
    return this.faults.length > 0 && !this.isInterrupted ? STATUS.FAULT : STATUS.OK;
  }

  /** Ends the load, then the gateway. */
  private stop(): void {
    this.isInterrupted = true;
    this.load?.stop();
  }

  /** Everything at once. */
  private kill(): void {
    // A gateway that is still starting ends with us.
    if (this.gateway === undefined) process.exit(STATUS.OK);
    this.load?.kill();
    this.gateway.child.kill("SIGKILL");
  }

  private async trade(gateway: GatewayProcess): Promise<LoadResult | undefined> {
    const { plan } = this.options;
    const { order, pid, session, durability } = gateway.ready;
    const where = `pid ${pid} on ${order.host}:${order.port}`;
    this.people.tell(line("gateway", `${where}, session ${session}, durability ${durability}`));
    const what = `${countText(plan.rate)} messages/s from ${plan.accounts.length} accounts`;
    const howLong = `${plan.warmupSeconds} s of warm-up, ${plan.seconds} s measured`;
    this.people.tell(line("load", `${what} in ${plan.symbols.length} symbols, ${howLong}`));
    this.people.tell(`\n${progressTitles(this.people.columns)}`);
    this.load = new LoadChild({ ...plan, ...order }, (progress) => {
      this.people.tell(progressLine(progress, this.people.columns));
    });
    try {
      return await this.load.result;
    } catch (error) {
      this.faults.push(messageOf(error));
      return undefined;
    }
  }

  private report(result: LoadResult | undefined, gateway: GatewayProcess): void {
    if (this.isInterrupted) this.people.tell("\ninterrupted: what follows is of the part that ran");
    this.people.tell("");
    if (result) {
      for (const text of [...summaryLines(result), slaLine(result)]) this.people.tell(text);
      this.faults.push(...result.faults);
      if (result.counts.sharesBought !== result.counts.sharesSold) {
        this.faults.push("shares bought do not equal shares sold");
      }
    }
    for (const fault of this.faults) this.people.tell(line("FAULT", fault));
    this.people.tell(nextSteps(result, this.faults));
    if (this.options.isJson) {
      const { session, durability } = gateway.ready;
      console.log(JSON.stringify({ ...result, faults: this.faults, session, durability }));
    }
  }
}

function nextSteps(result: LoadResult | undefined, faults: readonly string[]): string {
  const steps: [string, string][] = [
    ["npm start", "the gateway by itself, ready for your own client"],
    ["npm run order -- --help", "trade with it by hand"],
  ];
  if (faults.length > 0) {
    steps.unshift([
      "npm start",
      "shows the gateway's own words; its exit statuses: ops/runbook.md",
    ]);
  } else if (result && !result.isValid) {
    steps.unshift(["uptime", "is something else busy here? The load tool could not keep its pace"]);
  } else {
    steps.push(
      ["npm run demo -- --rate 50000", "how the tail holds at four times the load"],
      ["npm run pairs -- --help", "compare two settings or two builds, interleaved"],
    );
  }
  const lines = steps.map(([command, why]) => `  ${command.padEnd(31)} ${why}`);
  return `\nnext\n${lines.join("\n")}`;
}

process.exitCode = await output.status(await main());

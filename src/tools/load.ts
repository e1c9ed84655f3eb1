// npm run load: messages on schedule against a gateway, from several accounts, with what a client would have felt and
// whether the numbers can be trusted. --help says more.

import { makeDirectories } from "../base/make-directories.ts";
import { messageOf } from "../base/message-of.ts";
import { writeRecording, writeResultAlone } from "./driver/recording-files.ts";
import { onEndingSignals } from "./ending-signals.ts";
import { LoadNotBegunError, LoadOnce, type LoadOutcome } from "./load-once.ts";
import { LOAD_HELP, type LoadOptions, parseLoadOptions, type RateLimit } from "./load-options.ts";
import { line, progressLine, progressTitles, slaLine, summaryLines } from "./load-report.ts";
import { findMaxRate, searchLine, searchSummary, searchTitles } from "./load-search.ts";
import type { LoadTarget } from "./load-target.ts";
import { OwnOutput, UNWRITABLE_STATUS } from "./own-output.ts";
import { PeopleOutput } from "./people-output.ts";
import { countText } from "./terminal-text.ts";
import { WriteError } from "./write-error.ts";

const STATUS = { OK: 0, INVALID: 1, USAGE: 2 } as const;

async function main(output: OwnOutput): Promise<number> {
  let options: LoadOptions | undefined;
  try {
    options = parseLoadOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n(npm run load -- --help says what there is)`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(LOAD_HELP);
    return STATUS.OK;
  }
  try {
    // What cannot be written is better known before a minute of measuring than behind it.
    if (options.out !== undefined) makeDirectories(options.out);
    const load = new Load(options);
    output.whenLost(() => load.stop());
    return await (options.findMax ? load.search(options.findMax) : load.runOnce());
  } catch (error) {
    const isUnwritable = error instanceof WriteError;
    const isTold = isUnwritable || error instanceof LoadNotBegunError || isSystemError(error);
    if (!isTold) throw error;
    console.error(messageOf(error));
    return isUnwritable ? UNWRITABLE_STATUS : STATUS.USAGE;
  }
}

class Load {
  private readonly options: LoadOptions;
  private readonly people: PeopleOutput;
  private run: LoadOnce | undefined = undefined;
  private isInterrupted = false;
  /** Of a gateway of our own, for the JSON. */
  private session: { readonly session: string; readonly durability: string } | undefined =
    undefined;

  constructor(options: LoadOptions) {
    this.options = options;
    this.people = new PeopleOutput(options.isJson);
    onEndingSignals(
      () => this.stop(),
      () => this.kill(),
    );
  }

  async runOnce(): Promise<number> {
    const { result, intervals } = await this.measure(this.options.plan.rate, true);
    const { isInterrupted } = this;
    if (isInterrupted) this.people.tell("\ninterrupted: what follows is of the part that ran");
    this.people.tell("");
    for (const text of [...summaryLines(result), slaLine(result)]) this.people.tell(text);
    this.write({ ...result, isInterrupted, ...this.session }, (out, told) =>
      writeRecording(out, "load", told, intervals),
    );
    return result.isValid ? STATUS.OK : STATUS.INVALID;
  }

  async search(limit: RateLimit): Promise<number> {
    this.people.tell(searchTitles(limit.percentile));
    const found = await findMaxRate(
      limit,
      this.options.plan.rate,
      async (rate) => {
        if (this.isInterrupted) return undefined;
        try {
          const outcome = await this.measure(rate, false);
          return this.isInterrupted ? undefined : outcome;
        } catch (error) {
          if (this.isInterrupted) return undefined;
          throw error;
        }
      },
      (step) => {
        this.people.tell(searchLine(limit.percentile, step));
      },
    );
    this.people.tell(`\n${searchSummary(found)}`);
    const { best, ...findMax } = found;
    const { isInterrupted } = this;
    if (best) {
      this.write({ ...best.result, isInterrupted, findMax }, (out, told) =>
        writeRecording(out, "load", told, best.intervals),
      );
    } else {
      this.write({ isValid: false, isInterrupted, findMax }, (out, told) =>
        writeResultAlone(out, "load", told),
      );
    }
    return found.rate === null ? STATUS.INVALID : STATUS.OK;
  }

  private measure(rate: number, isTold: boolean): Promise<LoadOutcome> {
    const { plan, target } = this.options;
    const seconds = plan.countMax === null ? plan.seconds : plan.countMax / rate;
    this.run = new LoadOnce({ ...plan, rate, seconds }, target, {
      onTarget: (opened) => {
        const ready = opened.gateway?.ready;
        if (ready) this.session = { session: ready.session, durability: ready.durability };
        if (isTold) this.tellBeginning(opened);
      },
      onProgress: (progress) => {
        if (isTold) this.people.tell(progressLine(progress, this.people.columns));
      },
    });
    return this.run.run();
  }

  private tellBeginning(target: LoadTarget): void {
    const { plan } = this.options;
    this.people.tell(line("gateway", target.text));
    const arrivals = plan.arrivals === "bursts" ? `bursts of ${plan.burstSize}` : plan.arrivals;
    const what = `${countText(plan.rate)} messages/s (${arrivals}) from ${countText(plan.accounts.length)} accounts`;
    const parts: [string, number][] = [
      ["of ramp", plan.rampSeconds],
      ["of warm-up", plan.warmupSeconds],
      ["measured", plan.countMax === null ? plan.seconds : 0],
      ["of cool-down", plan.cooldownSeconds],
    ];
    const told = parts.filter(([, seconds]) => seconds > 0).map(([name, s]) => `${s} s ${name}`);
    if (plan.countMax !== null) told.push(`${countText(plan.countMax)} messages measured`);
    this.people.tell(line("load", `${what} in ${plan.symbols.length} symbols; ${told.join(", ")}`));
    this.people.tell(`\n${progressTitles(this.people.columns)}`);
  }

  /** Ends the sending; what was measured is still told. */
  stop(): void {
    this.isInterrupted = true;
    this.run?.stop();
  }

  /** Everything at once. */
  private kill(): void {
    // A gateway that is still starting ends with us.
    if (this.run?.kill() === false) process.exit(STATUS.USAGE);
  }

  /** `toFiles` writes the same into a directory and returns the names. */
  private write<R extends object>(result: R, toFiles: (out: string, result: R) => string[]): void {
    const { out, isJson } = this.options;
    // Before the files: where those cannot be written, there is still this.
    if (isJson) console.log(JSON.stringify(result));
    if (out !== undefined) {
      this.people.tell(line("written", `${toFiles(out, result).join(", ")} in ${out}`));
    }
  }
}

/** --out that cannot be written. */
const isSystemError = (error: unknown): boolean => error instanceof Error && "syscall" in error;

const output = new OwnOutput();
process.exitCode = await output.status(await main(output));

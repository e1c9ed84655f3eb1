// npm run replay: the client side of a capture against a gateway, at the captured pace or another, with what a client
// would have felt and where the answers mean something else. --help says more.

import { makeDirectories } from "../base/make-directories.ts";
import { messageOf } from "../base/message-of.ts";
import { openCapture, UnusableCapture } from "./capture/open-capture.ts";
import { withFaults } from "./driver/load-result.ts";
import { writeRecording } from "./driver/recording-files.ts";
import { onEndingSignals } from "./ending-signals.ts";
import { line, progressLine, progressTitles, slaLine, summaryLines } from "./load-report.ts";
import { LoadTarget } from "./load-target.ts";
import { OwnOutput, UNWRITABLE_STATUS } from "./own-output.ts";
import { PeopleOutput } from "./people-output.ts";
import { pressureText } from "./replay/captured-pressure.ts";
import { CapturedTraffic } from "./replay/captured-traffic.ts";
import { isLocal } from "./replay/local-target.ts";
import { capturedAtNs, capturedRate, roundNs } from "./replay/replay-pace.ts";
import { planReplay, type ReplayPlan } from "./replay/replay-plan.ts";
import {
  captureLines,
  comparisonLines,
  leftOutLines,
  type ReplayComparison,
  unheardLines,
} from "./replay/replay-report.ts";
import { ReplayRun } from "./replay/replay-run.ts";
import type { ReplaySettings, ReplayUser } from "./replay/replay-settings.ts";
import { accountEntries, chooseUsers } from "./replay/replay-users.ts";
import { parseReplayOptions, REPLAY_HELP, type ReplayOptions } from "./replay-options.ts";
import { WriteError } from "./write-error.ts";

const STATUS = { OK: 0, INVALID: 1, USAGE: 2 } as const;

/** Nothing was replayed: the capture has nothing to send, or the target takes nobody. */
class NotBegunError extends Error {}

async function main(output: OwnOutput): Promise<number> {
  let options: ReplayOptions | undefined;
  try {
    options = parseReplayOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n(npm run replay -- --help says what there is)`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(REPLAY_HELP);
    return STATUS.OK;
  }
  try {
    const replay = new Replay(options);
    output.whenLost(() => replay.stop());
    return await replay.run();
  } catch (error) {
    const isUnwritable = error instanceof WriteError;
    const isTold = error instanceof NotBegunError || error instanceof UnusableCapture;
    if (!isTold && !isUnwritable && !isSystemError(error)) throw error;
    console.error(messageOf(error));
    return isUnwritable ? UNWRITABLE_STATUS : STATUS.USAGE;
  }
}

class Replay {
  private readonly options: ReplayOptions;
  private readonly people: PeopleOutput;
  private isInterrupted = false;
  private replay: ReplayRun | undefined = undefined;
  private target: LoadTarget | undefined = undefined;

  constructor(options: ReplayOptions) {
    this.options = options;
    this.people = new PeopleOutput(options.isJson);
  }

  async run(): Promise<number> {
    await this.mustBeAllowed();
    // What cannot be written is better known before a day is replayed than behind it.
    if (this.options.out !== undefined) makeDirectories(this.options.out);
    const { traffic, plan } = this.readCapture();
    // Until now a signal has had nothing to end, and nobody would hear it while a day is read.
    onEndingSignals(
      () => this.stop(),
      () => this.kill(),
    );
    const users = begun(() =>
      chooseUsers(plan.accounts, { ...this.options, isGiven: this.options.address !== undefined }),
    );
    const target = await this.openTarget(plan, users);
    this.target = target;
    this.people.tell(line("gateway", target.text));
    const settings = this.settingsOf(plan, target, users);
    if (settings.rounds * planSeconds(plan, settings) <= settings.warmupSeconds) {
      await target.close();
      throw new NotBegunError("--warmup is longer than the replay: nothing would be measured");
    }
    const { pace } = settings;
    const lengthNs = roundNs(plan, pace);
    const replay = new ReplayRun(plan, settings, (progress) => {
      const { pressure } = traffic;
      // What the captured gateway was under while it met what was sent in that second.
      const toNs = capturedAtNs(plan, pace, lengthNs, progress.second * 1e9);
      const then = pressureText(pressure.between(toNs - 1e9 * pace.speed, toNs));
      this.people.tell(
        `${progressLine(progress, this.people.columns)}${then === "" ? "" : `   then: ${then}`}`,
      );
    });
    this.replay = replay;
    this.people.tell(`\n${progressTitles(this.people.columns)}`);
    let problem: unknown;
    if (!this.isInterrupted) {
      target.onEnded(() => replay.stop());
      await replay.run().catch((error: unknown) => {
        problem = error;
      });
    }
    const faults = await target.close();
    if (problem !== undefined) throw new NotBegunError([messageOf(problem), ...faults].join("\n"));
    return this.report(replay, traffic, plan, faults);
  }

  private async mustBeAllowed(): Promise<void> {
    const { address, isTest } = this.options;
    if (address === undefined || isTest) return;
    if (await isLocal(address.host)) return;
    throw new NotBegunError(
      `${address.host} is not this machine: --target-is-a-test says that it may be sent orders`,
    );
  }

  private readCapture(): { traffic: CapturedTraffic; plan: ReplayPlan } {
    const { file, capturePort } = this.options;
    const source = openCapture(file, { port: capturePort });
    try {
      const traffic = CapturedTraffic.read(source);
      for (const text of [...source.problems, ...source.notes])
        this.people.tell(line("capture", text));
      const plan = begun(() => planReplay(traffic), `${file}: `, leftOutLines(traffic));
      for (const text of captureLines(source.format, traffic, plan)) this.people.tell(text);
      return { traffic, plan };
    } finally {
      source.close();
    }
  }

  private openTarget(plan: ReplayPlan, users: Map<string, ReplayUser>): Promise<LoadTarget> {
    const { address, password, settings } = this.options;
    const accounts = { prefix: "R", count: 1, password };
    const entries = JSON.stringify(accountEntries(plan.accounts, users));
    return LoadTarget.open({
      address,
      accounts,
      settings: [`accounts=${entries}`, ...settings],
    }).catch((error: unknown) => {
      throw new NotBegunError(messageOf(error));
    });
  }

  private settingsOf(
    plan: ReplayPlan,
    target: LoadTarget,
    users: Map<string, ReplayUser>,
  ): ReplaySettings {
    const { rate, speed, underwayMax, rounds, warmupSeconds } = this.options;
    const { lateNsMax, lateShareMax } = this.options;
    return {
      target: target.address,
      pace: { speed: rate === undefined ? speed : rate / capturedRate(plan), underwayMax },
      rounds,
      warmupSeconds,
      lateNsMax,
      lateShareMax,
      drainMsMax: DRAIN_MS_MAX,
      users,
    };
  }

  private report(
    replay: ReplayRun,
    traffic: CapturedTraffic,
    plan: ReplayPlan,
    faults: readonly string[],
  ): number {
    const { differences } = replay;
    const { rounds, isJson, out } = this.options;
    const result = withFaults(replay.result(), faults);
    let executionsCaptured = 0;
    for (const { executions } of traffic.accounts.values()) executionsCaptured += executions;
    const comparison: ReplayComparison = {
      compared: differences.compared,
      different: differences.different,
      differences: differences.list(),
      executionsCaptured: executionsCaptured * rounds,
      executionsReplayed: result.counts.executions,
    };
    const { isInterrupted } = this;
    if (isInterrupted) this.people.tell("\ninterrupted: what follows is of the part that ran");
    this.people.tell("");
    const summary = [...summaryLines(result), slaLine(result), ...comparisonLines(comparison)];
    summary.push(...unheardLines(replay.unsentPackets, replay.takenOver));
    for (const text of summary) this.people.tell(text);
    const leftOut = {
      problems: traffic.problems,
      unknownOrders: traffic.unknownOrders,
      unsentPackets: replay.unsentPackets,
    };
    const pressure = traffic.pressure.between(plan.startsAtNs, plan.endsAtNs);
    if (pressure.length > 0) this.people.tell(line("captured", `under ${pressureText(pressure)}`));
    const { takenOver } = replay;
    const told = { ...result, takenOver, comparison, leftOut, pressure, isInterrupted };
    // Before the files: where those cannot be written, there is still this.
    if (isJson) console.log(JSON.stringify(told));
    if (out !== undefined) {
      const names = writeRecording(out, "replay", told, replay.record.intervals);
      this.people.tell(line("written", `${names.join(", ")} in ${out}`));
    }
    return result.isValid ? STATUS.OK : STATUS.INVALID;
  }

  /** Ends the sending; what was sent is still told. */
  stop(): void {
    this.isInterrupted = true;
    this.replay?.stop();
  }

  /** Everything at once. */
  private kill(): never {
    this.target?.kill();
    process.exit(STATUS.INVALID);
  }
}

/** How long the answers to a connection's last requests may take. */
const DRAIN_MS_MAX = 5_000;

function planSeconds(plan: ReplayPlan, { pace }: ReplaySettings): number {
  const lengthNs = roundNs(plan, pace);
  return lengthNs === 0 ? Number.POSITIVE_INFINITY : lengthNs / 1e9;
}

/** What cannot be done with this capture is told in a line, behind what is wrong about it. */
function begun<T>(make: () => T, prefix = "", problems: readonly string[] = []): T {
  try {
    return make();
  } catch (error) {
    throw new NotBegunError([...problems, prefix + messageOf(error)].join("\n"));
  }
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && "code" in error && "syscall" in error;

const output = new OwnOutput();
process.exitCode = await output.status(await main(output));

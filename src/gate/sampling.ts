// Which answers are logged, for who may change it while the gateway runs: the configuration at a start, an operator's
// command, and SIGHUP. Main thread.

import type { ConfigProblem } from "../base/fault.ts";
import { SAMPLE_SHARES_RULE } from "../config/config-rules.ts";
import type { SampleConfig, TelemetryLogConfig } from "../config/gateway-config.ts";
import { merge } from "../config/read-config.ts";
import {
  SAMPLE_CLASS,
  SAMPLE_CLASS_NAMES,
  type TelemetryControl,
} from "../telemetry/telemetry-control.ts";
import { type ControlAnswer, type ControlCommand, controlError, taking } from "./control-server.ts";

type Shares = TelemetryLogConfig["sample"];
const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

export class Sampling {
  private readonly control: TelemetryControl;

  constructor(control: TelemetryControl, config: TelemetryLogConfig) {
    this.control = control;
    control.marketFillNsMax = config.marketFillMsMax * NS_PER_MS;
    control.restedNsMax = config.restedSecondsMax * NS_PER_SECOND;
    control.cancelAgainNsMax = config.cancelAgainMsMax * NS_PER_MS;
    this.apply(config.sample);
  }

  apply(shares: Shares): void {
    for (const name of SAMPLE_CLASS_NAMES) {
      const { percent, halveAbove } = shares[name];
      this.control.setShare(SAMPLE_CLASS[name], percent / 100);
      this.control.setHalveAbove(SAMPLE_CLASS[name], halveAbove);
    }
  }

  /** What is in force. */
  get shares(): Shares {
    const entries = SAMPLE_CLASS_NAMES.map((name): [string, SampleConfig] => [
      name,
      {
        percent: percentOf(this.control.share(SAMPLE_CLASS[name])),
        halveAbove: this.control.halveAbove(SAMPLE_CLASS[name]),
      },
    ]);
    return Object.fromEntries(entries) as unknown as Shares;
  }

  /** {"command":"sampling"} shows; with "set":{"limit":{"percent":50}} it changes that and nothing else. */
  readonly command = ({ set }: Readonly<Record<string, unknown>>): ControlAnswer => {
    if (set === undefined) return { ok: true, result: this.shares };
    const problems: ConfigProblem[] = [];
    const wanted: unknown = merge(this.shares, set);
    if (!SAMPLE_SHARES_RULE.check(wanted, "set", problems)) {
      return controlError(
        "INVALID",
        problems.map(({ path, reason }) => `${path} ${reason}`).join("; "),
      );
    }
    this.apply(wanted);
    return { ok: true, result: this.shares };
  };
}

/** Of the control socket, whether anything is recorded or not. */
export const samplingCommand = (sampling: Sampling | undefined): ControlCommand =>
  sampling === undefined
    ? () => controlError("NOT_RECORDED", "telemetry.enabled is false")
    : taking(["set"], sampling.command);

/** 7 % is a share of 0.07, and 0.07 is not seven hundredths: what was asked for is what is shown. */
const percentOf = (share: number): number => Number((share * 100).toFixed(9));

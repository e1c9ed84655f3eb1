// The command that measures one run: npm run load, npm run replay, or the user's own.

import path from "node:path";
import { PROJECT_ROOT } from "../gateway-process.ts";
import { MeasuredCommand, type MeasuredRun } from "../measured-command.ts";
import type { Address, TargetAccounts } from "./target-process.ts";
import { shellWord } from "./target-spec.ts";
import { withoutPasswords } from "./without-passwords.ts";

export type Profile =
  /** `args` are the user's, for the shell; what they say is not said by us. */
  | { readonly kind: "load"; readonly args: string }
  | { readonly kind: "replay"; readonly file: string; readonly args: string }
  /** {host}, {port}, {seconds}, {warmup} and {seed} in it are filled in. */
  | { readonly kind: "tool"; readonly command: string };

export interface RunLength {
  readonly seconds: number;
  readonly warmupSeconds: number;
}

export const DEFAULT_ACCOUNTS: TargetAccounts = {
  prefix: "CMP",
  count: 999,
  password: "COMPARE",
};
const LOAD_CONNECTIONS = 16;

export class MeasuringTool {
  private readonly profile: Profile;
  /** Whether the accounts are ours to name: the target is one that we start with accounts of ours. */
  private readonly hasOwnAccounts: boolean;
  private running: MeasuredCommand | undefined;

  constructor(profile: Profile, hasOwnAccounts: boolean) {
    this.profile = profile;
    this.hasOwnAccounts = hasOwnAccounts;
  }

  run(target: Address, length: RunLength, seed: number): Promise<MeasuredRun> {
    const running = new MeasuredCommand(this.commandLine(target, length, seed));
    this.running = running;
    // Whatever ends us: it is in a process group of its own.
    const interruptAtExit = (): void => running.interrupt();
    process.once("exit", interruptAtExit);
    return running.run().finally(() => process.off("exit", interruptAtExit));
  }

  interrupt(): void {
    this.running?.interrupt();
  }

  /** For the shell. */
  commandLine({ host, port }: Address, length: RunLength, seed: number): string {
    const { profile } = this;
    if (profile.kind === "tool") {
      const values: Record<string, string> = {
        host,
        port: String(port),
        seconds: String(length.seconds),
        warmup: String(length.warmupSeconds),
        seed: String(seed),
      };
      return profile.command.replaceAll(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all);
    }
    const isLoad = profile.kind === "load";
    const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const words = [
      process.execPath,
      path.join(PROJECT_ROOT, "src/tools", isLoad ? "load.ts" : "replay.ts"),
      ...(profile.kind === "replay" ? [profile.file] : []),
      ...["--target", address, "--json"],
    ];
    if (isLoad) {
      const { seconds, warmupSeconds } = length;
      // A number of messages instead is the user's to ask for.
      const isCounted = says(profile.args, "count");
      const ours = { warmup: warmupSeconds, cooldown: 0, seed, ...(isCounted ? {} : { seconds }) };
      for (const [name, value] of Object.entries(ours)) {
        if (!says(profile.args, name)) words.push(`--${name}`, `${value}`);
      }
    }
    if (this.hasOwnAccounts && !says(profile.args, "accounts")) {
      const { prefix, count } = DEFAULT_ACCOUNTS;
      words.push("--accounts", `${prefix}:${isLoad ? LOAD_CONNECTIONS : count}`);
    }
    if (this.hasOwnAccounts && !says(profile.args, "password")) {
      words.push("--password", DEFAULT_ACCOUNTS.password);
    }
    return `exec ${[...words.map(shellWord), profile.args].join(" ")}`.trimEnd();
  }
}

/** Such arguments have that option, with whatever value. */
const says = (args: string, option: string): boolean =>
  new RegExp(`(^|[\\s'"])--${option}(?![\\w-])`).test(args);

/** What a checkout's gateway must know for such arguments of the load tool. */
export function accountsFor(profile: Profile): TargetAccounts {
  if (profile.kind === "tool") return DEFAULT_ACCOUNTS;
  const [, prefix, count] = /--accounts[= ]+['"]?(\w+):(\d+)/.exec(profile.args) ?? [];
  const password = /--password[= ]+['"]?([^\s'"]+)/.exec(profile.args)?.[1];
  return {
    prefix: prefix ?? DEFAULT_ACCOUNTS.prefix,
    count: count === undefined ? DEFAULT_ACCOUNTS.count : Number(count),
    password: password ?? DEFAULT_ACCOUNTS.password,
  };
}

/** For people and files. */
export const profileText = (profile: Profile): string => withoutPasswords(commandText(profile));

function commandText(profile: Profile): string {
  if (profile.kind === "load") return `load ${profile.args}`.trimEnd();
  if (profile.kind === "replay") return `replay ${profile.file} ${profile.args}`.trimEnd();
  return profile.command;
}

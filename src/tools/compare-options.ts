// What npm run compare can be asked for.

import { openCapture } from "./capture/open-capture.ts";
import { SAVED_BLOCKS_MIN } from "./compare/baseline.ts";
import { BLOCKS_MIN } from "./compare/block-ratio.ts";
import type { CompareOptions, CompareOutputs } from "./compare/compare-plan.ts";
import type { Limit } from "./compare/comparison-record.ts";
import type { Profile } from "./compare/measuring-tool.ts";
import { PERCENTILE_NAMES } from "./compare/run-sample.ts";
import { parseTarget, type TargetSpec } from "./compare/target-spec.ts";
import { PROJECT_ROOT } from "./gateway-process.ts";
import { parseLoadOptions } from "./load-options.ts";
import { parseOnce } from "./parse-once.ts";
import { parseReplayOptions } from "./replay-options.ts";

const DEFAULT_LIMITS = ["p50=25%", "p99=25%", "p999=25%"];
const DEFAULTS = { maxPairs: 40, noiseBlocks: 3, runSeconds: 3, runWarmup: 1, warm: 3 };
/** A baseline is nothing but A against A, and it is measured once. */
const SAVED_BLOCKS = 6;
const PAIRS_PER_BLOCK = 2;

export const COMPARE_HELP = `npm run compare -- --a TARGET --b TARGET [options]

Is B slower than A? Runs the same load against both, interleaved (A B B A, then B A A B …), until it can say
regressed, not regressed, or cannot tell.

  --a, --b TARGET           a checkout (a directory), a command that prints the gateway's ready line and ends by
                            SIGTERM, or HOST:PORT of a gateway that is there. Left out: this checkout
  --a-set, --b-set K=V      a setting of that gateway; may be repeated
  --load "ARGS"             the load: arguments of npm run load
  --capture FILE            instead: a capture to replay; --replay "ARGS" are arguments of npm run replay
  --tool COMMAND            instead: a command that measures one run and prints its result as JSON in its last line;
                            {host}, {port}, {seconds}, {warmup} and {seed} in it are filled in
  --max-regression P=N%     a limit, may be repeated; P is one of ${PERCENTILE_NAMES.join(", ")}
                            (${DEFAULT_LIMITS.join(", ")})
  --max-pairs N             give up after so many pairs of runs (${DEFAULTS.maxPairs}), two by two; at least ${BLOCKS_MIN * PAIRS_PER_BLOCK} are always made
  --noise-blocks N          blocks of A against A, before (${DEFAULTS.noiseBlocks}, with --save-baseline ${SAVED_BLOCKS}, at least ${SAVED_BLOCKS_MIN})
  --run-seconds N           of a run that count (${DEFAULTS.runSeconds}); --run-warmup N before them that do not (${DEFAULTS.runWarmup})
  --warm N                  seconds each new process is warmed (${DEFAULTS.warm})
  --out DIR                 writes report.json, summary.md and report.html
  --save-baseline FILE      measures A alone, against itself, and keeps the result
  --baseline FILE           compares B with such a result instead of A: not side by side, and trusted less
  --bisect                  for git bisect run: "cannot tell" ends with 125, any error with 128
  --json                    the result as one line of JSON on stdout; everything else goes to stderr

Ends with 1 = regressed, 0 = not regressed, 2 = cannot tell, wrong arguments or another error.
ops/compare.md says how it decides.`;

export type CompareRequest = CompareOptions & CompareOutputs;

/** undefined = help was asked for. Throws for what cannot be. */
export function parseCompareOptions(args: string[]): CompareRequest | undefined {
  const { values } = parseOnce({
    args: joinedArguments(args),
    options: {
      a: { type: "string" },
      b: { type: "string" },
      "a-set": { type: "string", multiple: true, default: [] },
      "b-set": { type: "string", multiple: true, default: [] },
      load: { type: "string" },
      capture: { type: "string" },
      replay: { type: "string" },
      tool: { type: "string" },
      "max-regression": { type: "string", multiple: true, default: DEFAULT_LIMITS },
      "max-pairs": { type: "string", default: String(DEFAULTS.maxPairs) },
      "noise-blocks": { type: "string" },
      "run-seconds": { type: "string", default: String(DEFAULTS.runSeconds) },
      "run-warmup": { type: "string", default: String(DEFAULTS.runWarmup) },
      warm: { type: "string", default: String(DEFAULTS.warm) },
      out: { type: "string" },
      "save-baseline": { type: "string" },
      baseline: { type: "string" },
      bisect: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const a = values.a === undefined ? undefined : parseTarget("--a", values.a, values["a-set"]);
  const b = values.b === undefined ? undefined : parseTarget("--b", values.b, values["b-set"]);
  const isSaving = values["save-baseline"] !== undefined;
  if (isSaving && values.baseline !== undefined) {
    throw new Error("give --save-baseline or --baseline, not both");
  }
  if (isSaving && (b !== undefined || values["b-set"].length > 0)) {
    throw new Error("--save-baseline measures A alone: leave --b out");
  }
  if (values.baseline !== undefined && (a !== undefined || values["a-set"].length > 0)) {
    throw new Error("with --baseline the stored result is A: leave --a out");
  }
  const isSingle = isSaving || values.baseline !== undefined;
  const isSetOnly = values["a-set"].length + values["b-set"].length > 0;
  if (!isSingle && !isSetOnly && (a === undefined || b === undefined)) {
    throw new Error("give two targets, --a and --b, or what they differ in, --a-set or --b-set");
  }
  const here = (option: "a" | "b"): TargetSpec =>
    parseTarget(`--${option}`, PROJECT_ROOT, values[`${option}-set`]);
  const specA = a ?? here("a");
  const specB = b ?? here("b");
  const pairs = wholeNumber("max-pairs", values["max-pairs"], BLOCKS_MIN * PAIRS_PER_BLOCK, 1000);
  const noiseText =
    values["noise-blocks"] ?? String(isSaving ? SAVED_BLOCKS : DEFAULTS.noiseBlocks);
  const noiseBlocks = wholeNumber("noise-blocks", noiseText, isSaving ? SAVED_BLOCKS_MIN : 0, 100);
  return {
    // A stored result takes the place of A, and a saved one is measured against itself.
    a: values.baseline === undefined ? specA : specB,
    b: isSaving ? specA : specB,
    profile: profileOf(values),
    limits: limitsOf(values["max-regression"]),
    blocksMax: isSaving ? 0 : Math.floor(pairs / PAIRS_PER_BLOCK),
    noiseBlocks,
    length: {
      seconds: numberOf("run-seconds", values["run-seconds"], 0.1, 3600),
      warmupSeconds: numberOf("run-warmup", values["run-warmup"], 0, 3600),
    },
    warmSeconds: numberOf("warm", values.warm, 0, 3600),
    outDirectory: values.out,
    saveBaseline: values["save-baseline"],
    baseline: values.baseline,
    isBisect: values.bisect,
    isJson: values.json,
  };
}

/** `--load "--rate 9000"` is meant as it stands, though its value begins with a dash. */
const TAKES_ARGUMENTS = ["--load", "--replay", "--tool"];

function joinedArguments(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (let k = 0; k < args.length; k++) {
    const word = args[k] ?? "";
    const value = args[k + 1];
    if (TAKES_ARGUMENTS.includes(word) && value !== undefined) {
      joined.push(`${word}=${value}`);
      k++;
    } else {
      joined.push(word);
    }
  }
  return joined;
}

function profileOf(values: {
  load?: string | undefined;
  capture?: string | undefined;
  replay?: string | undefined;
  tool?: string | undefined;
}): Profile {
  const { load, capture, replay, tool } = values;
  if ([load, capture, tool].filter((value) => value !== undefined).length > 1) {
    throw new Error("give one of --load, --capture and --tool");
  }
  if (replay !== undefined && capture === undefined) throw new Error("--replay needs --capture");
  if (tool !== undefined) return { kind: "tool", command: tool };
  if (capture === undefined) {
    const args = load ?? "";
    mustNotSay("--load", args);
    const words = plainWords(args);
    if (words !== undefined) parseLoadOptions(words);
    return { kind: "load", args };
  }
  const args = replay ?? "";
  mustNotSay("--replay", args);
  const words = plainWords(args);
  if (words !== undefined) {
    const port = parseReplayOptions([capture, ...words])?.capturePort;
    openCapture(capture, { port }).close();
  }
  return { kind: "replay", file: capture, args };
}

/** What we say ourselves, and what measures no single run. */
const OURS = ["--target", "--json", "--out", "--set", "--find-max", "--help"];

function mustNotSay(option: string, args: string): void {
  const said = OURS.find((word) => new RegExp(`(^|\\s)${word}(=|\\s|$)`).test(args));
  if (said !== undefined) throw new Error(`${said} has no place in ${option}`);
}

/** The words as the shell has them; undefined where only a shell knows. */
const plainWords = (args: string): string[] | undefined =>
  /["'\\$`*?~;&|<>(){}[\]#!]/.test(args) ? undefined : args.split(/\s+/).filter(Boolean);

/** "p999=25%" and "p50=10%,p99=25%". The last word about a percentile is the one that counts. */
export function limitsOf(texts: readonly string[]): Limit[] {
  const limits = new Map<string, Limit>();
  for (const text of texts.flatMap((each) => each.split(","))) {
    const [, key, percent] = /^\s*(\w+)=(\d+(?:\.\d+)?)%\s*$/.exec(text) ?? [];
    const name = PERCENTILE_NAMES.find((each) => each === key?.toLowerCase());
    if (name === undefined || percent === undefined || Number(percent) <= 0) {
      throw new Error(`--max-regression is such as p999=25%, not "${text}"`);
    }
    limits.set(name, { name, limit: 1 + Number(percent) / 100 });
  }
  return PERCENTILE_NAMES.flatMap((name) => limits.get(name) ?? []);
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (text.trim() !== "" && number >= min && number <= max) return number;
  throw new Error(`--${name} is a number from ${min} to ${max}, not "${text}"`);
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = numberOf(name, text, min, max);
  if (Number.isInteger(number)) return number;
  throw new Error(`--${name} is a whole number, not "${text}"`);
}

// npm run pairs: runs two commands in turn, A B A, A B A …, and compares what they measured. The As around each B
// show what the machine does by itself. --help says more.

import { messageOf } from "../base/message-of.ts";
import { MeasuredCommand, type MeasuredRun, numberAt } from "./measured-command.ts";
import { OwnOutput } from "./own-output.ts";
import { type Comparison, compare, type RatioRange, type Round } from "./pairs-statistics.ts";
import { parseOnce } from "./parse-once.ts";
import { PeopleOutput } from "./people-output.ts";
import { tableLine, timeText } from "./terminal-text.ts";

const HELP = `npm run pairs -- --a COMMAND --b COMMAND [options]
npm run pairs -- --a-set KEY=VALUE --b-set KEY=VALUE [options]

  --a, --b COMMAND     a shell command whose last line on stdout is its result as JSON
  --a-set, --b-set     instead: the demo with these settings of the gateway; may be repeated, may be left out
  --demo="ARGUMENTS"   arguments of both demos (--demo="--seconds 10")
  --rounds N           rounds of A B A (5)
  --metric NAME=PATH   what to compare; may be repeated (P50, P99, P999 and max of the demo's response time)
  --plain              the metrics are plain numbers, not nanoseconds
  --json               the comparison as one line of JSON on stdout; everything else goes to stderr

A run that says of itself that it is invalid is left out. "beyond noise": every round points the same way, and
by more than A differs from itself. Ends with 0, or 1 when no round could be measured, or 2 for wrong arguments,
or 3 when what it says cannot be written.`;

const DEFAULT_METRICS = ["p50", "p99", "p999", "max"].map(
  (key) => `${key === "max" ? key : key.toUpperCase()}=latency.response.${key}`,
);
const ROUNDS = 5;

interface Metric {
  readonly name: string;
  readonly path: string;
  readonly rounds: Round[];
}

interface PairOptions {
  readonly a: MeasuredCommand;
  readonly b: MeasuredCommand;
  readonly rounds: number;
  readonly metrics: readonly Metric[];
  readonly isPlain: boolean;
  readonly isJson: boolean;
}

function parseOptions(args: string[]): PairOptions | undefined {
  const { values } = parseOnce({
    args,
    options: {
      a: { type: "string" },
      b: { type: "string" },
      "a-set": { type: "string", multiple: true },
      "b-set": { type: "string", multiple: true },
      demo: { type: "string", default: "--seconds 10" },
      rounds: { type: "string", default: String(ROUNDS) },
      metric: { type: "string", multiple: true, default: DEFAULT_METRICS },
      plain: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const isDemo = values["a-set"] !== undefined || values["b-set"] !== undefined;
  const a = isDemo ? demoCommand(values.demo, values["a-set"]) : values.a;
  const b = isDemo ? demoCommand(values.demo, values["b-set"]) : values.b;
  if (a === undefined || b === undefined)
    throw new Error("give --a and --b, or --a-set or --b-set");
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds is a number from 1");
  const metrics = values.metric.map((text): Metric => {
    const [name, path] = text.split("=");
    if (!name || !path) throw new Error(`--metric is NAME=PATH, not "${text}"`);
    return { name, path, rounds: [] };
  });
  return {
    a: new MeasuredCommand(a),
    b: new MeasuredCommand(b),
    rounds,
    metrics,
    isPlain: values.plain,
    isJson: values.json,
  };
}

function demoCommand(demoArgs: string, settings: readonly string[] = []): string {
  const sets = settings.map((setting) => `--set '${setting.replaceAll("'", "'\\''")}'`);
  return ["npm run --silent demo -- --json", demoArgs, ...sets].join(" ");
}

const output = new OwnOutput();

async function main(): Promise<number> {
  let options: PairOptions | undefined;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    return 2;
  }
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  return runPairs(options);
}

async function runPairs(options: PairOptions): Promise<number> {
  const { a, b, metrics, isPlain, isJson } = options;
  const people = new PeopleOutput(isJson);
  const valueText = (value: number | null): string =>
    value === null ? "–" : isPlain ? String(value) : timeText(value);
  let isInterrupted = false;
  // What was measured so far is still compared.
  const interrupt = (): void => {
    isInterrupted = true;
    a.interrupt();
    b.interrupt();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  output.whenLost(() => {
    if (!isInterrupted) interrupt();
  });
  people.tell(`A  ${a.text}\nB  ${b.text}\n`);

  const columns = [
    { title: "round", width: 5 },
    { title: "run", width: 3 },
    ...metrics.map(({ name }) => ({ title: name, width: Math.max(9, name.length) })),
  ];
  people.tell(tableLine(columns));
  const measure = async (round: number, name: string, command: MeasuredCommand) => {
    if (isInterrupted) return metrics.map(() => null);
    const run = await command.run();
    // Whatever an interrupted run printed, it did not measure what was asked for.
    if (isInterrupted) return metrics.map(() => null);
    const problem = problemOf(run);
    const values = metrics.map(({ path }) => (problem ? null : numberAt(run.result, path)));
    const cells = [String(round), name, ...values.map(valueText)];
    people.tell(`${tableLine(columns, cells)}${problem ? `  left out: ${problem}` : ""}`);
    return values;
  };
  for (let round = 1; round <= options.rounds && !isInterrupted; round++) {
    const first = await measure(round, "A", a);
    const other = await measure(round, "B", b);
    const again = await measure(round, "A", a);
    for (const [index, metric] of metrics.entries()) {
      metric.rounds.push({
        first: first[index] ?? null,
        other: other[index] ?? null,
        again: again[index] ?? null,
      });
    }
  }

  const comparisons = metrics.map(({ name, rounds }) => ({ name, ...compare(rounds) }));
  people.tell("");
  for (const text of comparisonLines(comparisons, valueText)) people.tell(text);
  if (isJson) console.log(JSON.stringify({ a: a.text, b: b.text, comparisons }));
  return comparisons.some(({ ratio }) => ratio !== null) ? 0 : 1;
}

/** Why a run does not count; undefined when it does. */
function problemOf(run: MeasuredRun): string | undefined {
  if (typeof run.result !== "object" || run.result === null) {
    const lastWords = run.stderr.trimEnd().split("\n").at(-1) ?? "";
    return `no result, status ${run.status} ${lastWords}`;
  }
  const { isValid, invalid } = run.result as { isValid?: unknown; invalid?: unknown };
  if (isValid === false) return `invalid: ${Array.isArray(invalid) ? invalid[0] : ""}`;
  return undefined;
}

function comparisonLines(
  comparisons: readonly (Comparison & { readonly name: string })[],
  valueText: (value: number | null) => string,
): string[] {
  const columns = [
    { title: "", width: 8 },
    { title: "A", width: 9 },
    { title: "B", width: 9 },
    { title: "B/A", width: 22 },
    { title: "A/A", width: 22 },
  ];
  const lines = comparisons.map((comparison) => {
    const { name, medianA, medianB, ratio, noise, isBeyondNoise } = comparison;
    const verdict =
      ratio === null ? "not measured" : isBeyondNoise ? "beyond noise" : "within noise";
    const cells = [
      name,
      valueText(Number.isNaN(medianA) ? null : medianA),
      valueText(Number.isNaN(medianB) ? null : medianB),
      rangeText(ratio),
      rangeText(noise),
    ];
    return `${tableLine(columns, cells)}  ${verdict}`;
  });
  return [
    `${tableLine(columns)}  (medians; min … max of ${comparisons[0]?.ratio?.count ?? 0} rounds)`,
    ...lines,
  ];
}

const rangeText = (range: RatioRange | null): string =>
  range === null
    ? "–"
    : `${range.median.toFixed(2)} (${range.min.toFixed(2)} … ${range.max.toFixed(2)})`;

process.exitCode = await output.status(await main());

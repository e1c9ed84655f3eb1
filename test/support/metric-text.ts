// Prometheus' text format, read as strictly as a test wants it.

import assert from "node:assert/strict";

export interface MetricSample {
  /** With _bucket, _sum or _count. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  readonly samples: MetricSample[];
}

const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)",?/g;

/** Families by name. Throws on anything that is not as it should be. */
export function readMetrics(text: string): ReadonlyMap<string, ReadFamily> {
  const families = new Map<string, ReadFamily>();
  let current = "";
  let help = "";
  assert.ok(text.endsWith("\n"), "the last line has no end");
  for (const line of text.slice(0, -1).split("\n")) {
    const [, kind, name = "", words = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") help = words;
    else if (kind === "TYPE") {
      assert.ok(!families.has(name), `${name} is there twice`);
      families.set(name, { type: words, help, samples: [] });
      current = name;
    } else {
      const sample = readSample(line);
      assert.ok(
        [current, `${current}_bucket`, `${current}_sum`, `${current}_count`].includes(sample.name),
        line,
      );
      families.get(current)?.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): MetricSample {
  const [, name = "", labelText = "", valueText = ""] =
    /^([a-z_][a-z0-9_]*)\{(.*)\} (\S+)$/.exec(line) ?? [];
  assert.notEqual(name, "", `no sample: ${line}`);
  const labels = Object.fromEntries(
    [...labelText.matchAll(LABEL)].map(([, label = "", value = ""]) => [label, value]),
  );
  return { name, labels, value: numberOf(valueText) };
}

function numberOf(text: string): number {
  if (text === "+Inf") return Number.POSITIVE_INFINITY;
  assert.match(text, /^-?[0-9.e+-]+$/);
  return Number(text);
}

/** The one value with these labels; undefined: there is none. */
export function metricValue(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name.replace(/_(?:bucket|sum|count)$/, "")) ?? families.get(name);
  const found = (family?.samples ?? []).filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  assert.ok(found.length < 2, `${name} ${JSON.stringify(labels)} says too little`);
  return found[0]?.value;
}

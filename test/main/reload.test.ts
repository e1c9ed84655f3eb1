import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readConfig } from "../../src/config/read-config.ts";
import type { LogFields } from "../../src/gate/gate-config.ts";
import { Sampling } from "../../src/gate/sampling.ts";
import { Reload, RestartKeys } from "../../src/main/reload.ts";
import { createTelemetryControl, TelemetryControl } from "../../src/telemetry/telemetry-control.ts";
import { testDirectory } from "../support/gateway.ts";

type Settings = Readonly<Record<string, unknown>>;

const configWith = (settings: Settings) =>
  readConfig({
    configFile: undefined,
    settings: Object.entries(settings).map(([path, value]) => ({ path, value })),
  }).config;

function rig() {
  let settings: Settings = {};
  const lines: [event: string, fields: LogFields][] = [];
  const note = (event: string, fields: LogFields): void => void lines.push([event, fields]);
  const started = configWith({});
  const control = new TelemetryControl(createTelemetryControl());
  const sampling = new Sampling(control, started.telemetry.log);
  const reload = new Reload(() => configWith(settings), started, sampling, {
    info: note,
    warn: note,
    error: note,
  });
  return {
    sampling,
    lines,
    run: (changed: Settings): void => {
      settings = changed;
      reload.run();
    },
  };
}

test("a share that was changed is in force, and what needs a restart is named without its value", () => {
  const { sampling, lines, run } = rig();
  run({
    "telemetry.log.sample.limit.percent": 25,
    "telemetry.slaMs": 9,
    accounts: [{ user: "EVE", password: "TOPSECRET", firm: "LIME" }],
  });
  assert.equal(sampling.shares.limit.percent, 25);
  assert.deepEqual(lines, [
    [
      "reloaded",
      {
        changed: "telemetry.log.sample.limit.percent",
        needsRestart: "accounts, telemetry.slaMs",
      },
    ],
  ]);
});

test("what an operator's command changed goes back to what the file says", () => {
  const { sampling, lines, run } = rig();
  sampling.command({ set: { market: { percent: 1 } } });
  run({});
  assert.equal(sampling.shares.market.percent, 100);
  assert.deepEqual(lines[0]?.[1], {
    changed: "telemetry.log.sample.market.percent",
    needsRestart: "",
  });
});

test("a configuration that is wrong changes nothing", () => {
  const { sampling, lines, run } = rig();
  run({ "telemetry.log.sample.limit.percent": 25, "listen.port": -1 });
  assert.equal(sampling.shares.limit.percent, 10);
  assert.equal(lines[0]?.[0], "reload-refused");
  assert.match(String(lines[0]?.[1].reason), /^CONFIG_INVALID problems=.*listen\.port/);
});

test("what a restart would change is found out at the start, and again only when a file is another", () => {
  const file = join(testDirectory(), "my.json");
  writeFileSync(file, "{}");
  let reads = 0;
  const keys = new RestartKeys(configWith({}), [file], () => {
    reads++;
    return readConfig({ configFile: file, settings: [] }).config;
  });
  assert.equal(reads, 1);
  assert.deepEqual(keys.now(), []);
  assert.equal(reads, 1);
  writeFileSync(file, '{"telemetry":{"slaMs":9}}');
  assert.deepEqual([keys.now(), keys.now()], [["telemetry.slaMs"], ["telemetry.slaMs"]]);
  assert.equal(reads, 2);
  writeFileSync(file, '{"telemetry":');
  assert.deepEqual([keys.now(), keys.now()], [null, null]);
  assert.equal(reads, 3);
  rmSync(file);
  assert.equal(keys.now(), null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  completeOtelEnvironment,
  readOtelSettings,
} from "../../../src/scribe/traces/otel-settings.ts";

const ENDPOINT = "http://collector:4318";

test("without a variable that says where to send to, nothing is asked for", () => {
  assert.equal(readOtelSettings({}), undefined);
  assert.equal(readOtelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: " " }), undefined);
  assert.equal(readOtelSettings({ OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }), undefined);
  assert.equal(readOtelSettings({ OTEL_SERVICE_NAME: "tailgate" }), undefined);
  assert.equal(
    readOtelSettings({ OTEL_TRACES_EXPORTER: "none", OTEL_METRICS_EXPORTER: "none" }),
    undefined,
  );
});

test("a disabled SDK is not loaded, whatever else is set", () => {
  for (const disabled of ["true", "True", "TRUE"]) {
    const env = { OTEL_SDK_DISABLED: disabled, OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT };
    assert.equal(readOtelSettings(env), undefined);
  }
  const env = { OTEL_SDK_DISABLED: "false", OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT };
  assert.notEqual(readOtelSettings(env), undefined);
});

test("an endpoint sends both signals, one of its own that one, and none refuses", () => {
  const asked = (env: Record<string, string>): unknown => {
    const settings = readOtelSettings(env);
    return settings && [settings.sendsTraces, settings.sendsMetrics];
  };
  assert.deepEqual(asked({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }), [true, true]);
  assert.deepEqual(asked({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ENDPOINT }), [true, false]);
  assert.deepEqual(asked({ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: ENDPOINT }), [false, true]);
  assert.deepEqual(asked({ OTEL_TRACES_EXPORTER: "otlp" }), [true, false]);
  assert.deepEqual(asked({ OTEL_METRICS_EXPORTER: "prometheus" }), [false, true]);
  assert.deepEqual(
    asked({ OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_METRICS_EXPORTER: "none" }),
    [true, false],
  );
});

test("what was not asked for is refused by name, and what was set stays", () => {
  const env: Record<string, string | undefined> = {
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_BSP_MAX_QUEUE_SIZE: "77",
    OTEL_LOG_LEVEL: "debug",
  };
  const settings = readOtelSettings(env);
  assert.ok(settings !== undefined);
  assert.equal(settings.logLevel, "debug");
  completeOtelEnvironment(env, settings);
  assert.equal(env.OTEL_TRACES_EXPORTER, "otlp");
  assert.equal(env.OTEL_METRICS_EXPORTER, "none");
  assert.equal(env.OTEL_LOGS_EXPORTER, "none");
  assert.equal(env.OTEL_BSP_MAX_QUEUE_SIZE, "77");
  assert.equal(env.OTEL_SERVICE_NAME, "tailgate");
  assert.equal("OTEL_LOG_LEVEL" in env, false);
  assert.doesNotMatch(env.OTEL_NODE_RESOURCE_DETECTORS ?? "all", /process|all/);
});

test("a service that has a name keeps it", () => {
  const named = (own: Record<string, string>): string | undefined => {
    const env: Record<string, string | undefined> = { OTEL_TRACES_EXPORTER: "otlp", ...own };
    const settings = readOtelSettings(env);
    assert.ok(settings !== undefined);
    completeOtelEnvironment(env, settings);
    return env.OTEL_SERVICE_NAME;
  };
  assert.equal(named({ OTEL_SERVICE_NAME: "desk-7" }), "desk-7");
  assert.equal(named({ OTEL_RESOURCE_ATTRIBUTES: "a=b, service.name=desk-7" }), undefined);
  assert.equal(named({ OTEL_RESOURCE_ATTRIBUTES: "my.service.name=desk-7" }), "tailgate");
});

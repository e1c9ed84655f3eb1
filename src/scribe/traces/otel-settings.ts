// What the standard OTEL_* variables ask for, and what is set for those that were left out: OpenTelemetry would take an
// unset exporter for one that sends to localhost. Scribe thread, whose process.env is a copy of its own.

export interface OtelSettings {
  readonly sendsTraces: boolean;
  readonly sendsMetrics: boolean;
  /** Of what OpenTelemetry has to say about itself: none, error, warn, info, debug, verbose or all. */
  readonly logLevel: string;
}

type Environment = Record<string, string | undefined>;

/** Undefined: nobody asked, and nothing of OpenTelemetry is to be loaded. */
export function readOtelSettings(env: Environment): OtelSettings | undefined {
  if (setting(env, "OTEL_SDK_DISABLED").toLowerCase() === "true") return undefined;
  const sendsTraces = isAsked(env, "TRACES");
  const sendsMetrics = isAsked(env, "METRICS");
  if (!sendsTraces && !sendsMetrics) return undefined;
  return { sendsTraces, sendsMetrics, logLevel: setting(env, "OTEL_LOG_LEVEL") || "warn" };
}

/** An exporter is named, or there is somewhere to send to and none is refused. */
function isAsked(env: Environment, signal: "TRACES" | "METRICS"): boolean {
  const exporter = setting(env, `OTEL_${signal}_EXPORTER`);
  if (exporter !== "") return exporter !== "none";
  return (
    setting(env, "OTEL_EXPORTER_OTLP_ENDPOINT") !== "" ||
    setting(env, `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`) !== ""
  );
}

/** An empty variable is as good as none. */
const setting = (env: Environment, name: string): string => (env[name] ?? "").trim();

const DEFAULTS: Readonly<Record<string, string>> = {
  // The detector of processes is left out: a command line may have secrets in it.
  OTEL_NODE_RESOURCE_DETECTORS: "env,host,serviceinstance",
  // A trace is looked for soon after its order; a collector's pause of some seconds costs no spans.
  OTEL_BSP_SCHEDULE_DELAY: "1000",
  OTEL_BSP_MAX_QUEUE_SIZE: "8192",
  // As long as the shortest window that quantiles are of.
  OTEL_METRIC_EXPORT_INTERVAL: "10000",
};
const SERVICE_NAME = "tailgate";

/** What was set stays as it is. */
export function completeOtelEnvironment(env: Environment, settings: OtelSettings): void {
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (setting(env, name) === "") env[name] = value;
  }
  const isNamed =
    setting(env, "OTEL_SERVICE_NAME") !== "" ||
    /(?:^|,)\s*service\.name\s*=/.test(setting(env, "OTEL_RESOURCE_ATTRIBUTES"));
  if (!isNamed) env.OTEL_SERVICE_NAME = SERVICE_NAME;
  if (!settings.sendsTraces) env.OTEL_TRACES_EXPORTER = "none";
  if (!settings.sendsMetrics) env.OTEL_METRICS_EXPORTER = "none";
  // We have no logs for it: they are in files.
  env.OTEL_LOGS_EXPORTER = "none";
  // Its own way to log writes lines that are no JSON; ours hears the same.
  delete env.OTEL_LOG_LEVEL;
}

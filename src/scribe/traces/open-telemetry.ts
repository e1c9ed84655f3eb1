// OpenTelemetry itself: loaded here and nowhere else, when the environment asks for it. It takes 40 MiB and a third of
// a second, which is why nothing else imports this file but when it is needed. Scribe thread.

import type * as OtelApi from "@opentelemetry/api";
import type { OtelSettings } from "./otel-settings.ts";

/** A collector that is gone makes the SDK's own shutdown take 8 to 10 s; main waits 2 s for all of the scribe. */
const SHUTDOWN_MS_MAX = 1000;
const SCOPE = "tailgate";

export interface IdGenerator {
  generateTraceId(): string;
  generateSpanId(): string;
}

/** What it says about itself: an exporter that fails, spans that found no room. */
export type OnTrouble = (level: "warn" | "error", message: string) => void;

export interface OpenTelemetry {
  readonly api: typeof OtelApi;
  readonly tracer: OtelApi.Tracer;
  readonly meter: OtelApi.Meter;
  /** Sends what is there, for at most a second. Never rejects. */
  shutdown(): Promise<void>;
}

/** The environment was completed before. */
export async function startOpenTelemetry(
  settings: OtelSettings,
  idGenerator: IdGenerator,
  onTrouble: OnTrouble,
): Promise<OpenTelemetry> {
  const [{ NodeSDK }, api] = await Promise.all([
    import("@opentelemetry/sdk-node"),
    import("@opentelemetry/api"),
  ]);
  api.diag.setLogger(listener(onTrouble), { logLevel: diagLevel(api, settings.logLevel) });
  const sdk = new NodeSDK({
    idGenerator,
    ...(settings.sendsTraces ? {} : { spanProcessors: [] }),
  });
  sdk.start();
  return {
    api,
    tracer: api.trace.getTracer(SCOPE),
    meter: api.metrics.getMeter(SCOPE),
    shutdown: () => bounded(sdk.shutdown(), onTrouble),
  };
}

async function bounded(ending: Promise<void>, onTrouble: OnTrouble): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    onTrouble("warn", `spans and metrics were not all sent within ${SHUTDOWN_MS_MAX} ms`);
    resolve();
  }, SHUTDOWN_MS_MAX);
  const ended = ending.catch((error: unknown) => onTrouble("warn", String(error)));
  await Promise.race([ended, late]);
  clearTimeout(timer);
}

function diagLevel(api: typeof OtelApi, name: string): OtelApi.DiagLogLevel {
  const levels: Readonly<Record<string, OtelApi.DiagLogLevel>> = {
    none: api.DiagLogLevel.NONE,
    error: api.DiagLogLevel.ERROR,
    warn: api.DiagLogLevel.WARN,
    info: api.DiagLogLevel.INFO,
    debug: api.DiagLogLevel.DEBUG,
    verbose: api.DiagLogLevel.VERBOSE,
    all: api.DiagLogLevel.ALL,
  };
  return levels[name.toLowerCase()] ?? api.DiagLogLevel.WARN;
}

function listener(onTrouble: OnTrouble): OtelApi.DiagLogger {
  const tell =
    (level: "warn" | "error") =>
    (message: string, ...more: unknown[]): void =>
      onTrouble(level, [readable(message), ...more.map(String)].join(" "));
  // Whoever asks for less than warnings gets it by the same way.
  const warn = tell("warn");
  return { error: tell("error"), warn, info: warn, debug: warn, verbose: warn };
}

/** An export that failed comes as JSON of its error, the stack first. */
export function readable(message: string): string {
  if (!message.startsWith("{")) return message;
  try {
    const error: unknown = JSON.parse(message);
    const hasMessage = typeof error === "object" && error !== null && "message" in error;
    return hasMessage ? String(error.message) : message;
  } catch {
    return message; // it only looked like JSON
  }
}

// A collector of OpenTelemetry for a test: OTLP as http/json on a port of its own, everything kept as it came.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestHooks } from "./gateway.ts";
import { within } from "./gateway.ts";

export interface SinkSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Of a root: none. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

export interface SinkPoint {
  readonly metric: string;
  readonly unit: string;
  readonly value: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Resource {
  readonly resource: { readonly attributes: readonly Attribute[] };
}

interface TracesBody {
  readonly resourceSpans: readonly (Resource & {
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly name: string;
        readonly kind: number;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly Attribute[];
      }[];
    }[];
  })[];
}

interface Points {
  readonly dataPoints: readonly {
    readonly asDouble?: number;
    readonly asInt?: number;
    readonly attributes: readonly Attribute[];
  }[];
}

interface MetricsBody {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly unit: string;
        readonly gauge?: Points;
        readonly sum?: Points;
      }[];
    }[];
  }[];
}

const WAIT_MS_MAX = 60_000;

export class OtlpSink {
  readonly spans: SinkSpan[] = [];
  /** Of the latest collection. */
  points: readonly SinkPoint[] = [];
  /** Paths of all requests. */
  readonly paths: string[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      this.take(request.url ?? "", JSON.parse(Buffer.concat(pieces).toString()));
      response.setHeader("content-type", "application/json").end("{}");
      this.server.emit("taken");
    });
  }

  static async start(hooks: TestHooks): Promise<OtlpSink> {
    const sink = new OtlpSink();
    sink.server.listen(0, "127.0.0.1");
    await once(sink.server, "listening");
    hooks.after(() => {
      sink.server.closeAllConnections();
      sink.server.close();
    });
    return sink;
  }

  /** What makes a gateway send here. */
  get env(): NodeJS.ProcessEnv {
    const { port } = this.server.address() as AddressInfo;
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    };
  }

  roots(): readonly SinkSpan[] {
    return this.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
  }

  childrenOf(root: SinkSpan): readonly SinkSpan[] {
    return this.spans
      .filter(({ parentSpanId }) => parentSpanId === root.spanId)
      .filter(({ traceId }) => traceId === root.traceId);
  }

  /** Resolves when what came so far is enough. */
  async until(isEnough: () => boolean): Promise<void> {
    const enough = async (): Promise<void> => {
      while (!isEnough()) await once(this.server, "taken");
    };
    await within(WAIT_MS_MAX, "spans and metrics", enough());
  }

  private take(path: string, body: unknown): void {
    this.paths.push(path);
    if (path === "/v1/traces") this.takeSpans(body as TracesBody);
    if (path === "/v1/metrics") this.takePoints(body as MetricsBody);
  }

  private takeSpans({ resourceSpans }: TracesBody): void {
    for (const { resource, scopeSpans } of resourceSpans) {
      for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
        this.spans.push({
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId,
          name: span.name,
          kind: span.kind,
          startNs: BigInt(span.startTimeUnixNano),
          endNs: BigInt(span.endTimeUnixNano),
          attributes: valuesOf(span.attributes),
          resource: valuesOf(resource.attributes),
        });
      }
    }
  }

  private takePoints({ resourceMetrics }: MetricsBody): void {
    const metrics = resourceMetrics
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics);
    this.points = metrics.flatMap(({ name, unit, gauge, sum }) =>
      (gauge ?? sum ?? { dataPoints: [] }).dataPoints.map((point) => ({
        metric: name,
        unit,
        value: point.asDouble ?? point.asInt ?? Number.NaN,
        attributes: valuesOf(point.attributes),
      })),
    );
  }
}

/** A value stands under the name of its type. */
const valuesOf = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

// The admin port: plain HTTP for health checks. Scribe thread, so that no request costs an order anything.
// Everything about a peer is capped: how many, how long they may take, how much they may say.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Readiness } from "./readiness.ts";

/** An import makes all that node:http has by name, a WebSocket too, and with it loads a client of several megabytes. */
const { createServer } = process.getBuiltinModule("node:http");

const CONNECTIONS_MAX = 64;
const HEADER_BYTES_MAX = 8192;
const HEADERS_MS_MAX = 5000;
const REQUEST_MS_MAX = 5000;
const KEEP_ALIVE_MS = 5000;
const REQUESTS_PER_CONNECTION_MAX = 1000;
/** How often Node looks for peers that are over their time. */
const CHECK_INTERVAL_MS = 1000;

const OK = 200;
const NOT_FOUND = 404;
const METHOD_REFUSED = 405;
const BODY_REFUSED = 413;
const UNAVAILABLE = 503;

export function createAdminServer(readReadiness: () => Readiness): Server {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (request, response) => answer(request, response, readReadiness),
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
  return server;
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  readReadiness: () => Readiness,
): void {
  const { status, body } = replyTo(request, readReadiness);
  const text = `${JSON.stringify(body)}\n`;
  response.setHeader("content-type", "application/json");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.setHeader("cache-control", "no-store");
  if (status === METHOD_REFUSED) response.setHeader("allow", "GET, HEAD");
  // What still comes of a body that nobody wants is not read: the connection ends with the answer.
  if (status === METHOD_REFUSED || status === BODY_REFUSED)
    response.setHeader("connection", "close");
  response.writeHead(status).end(text); // Node leaves the body of a HEAD away
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

function replyTo(request: IncomingMessage, readReadiness: () => Readiness): Reply {
  if (hasBody(request)) return { status: BODY_REFUSED, body: { error: "no body is taken" } };
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { status: METHOD_REFUSED, body: { error: "only GET and HEAD are answered" } };
  }
  switch (request.url?.split("?", 1)[0]) {
    case "/healthz":
      return { status: OK, body: { alive: true } };
    case "/readyz": {
      const readiness = readReadiness();
      return { status: readiness.ready ? OK : UNAVAILABLE, body: readiness };
    }
    default:
      return { status: NOT_FOUND, body: { error: "known here: /healthz, /readyz" } };
  }
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

// The admin port: plain HTTP for health checks. Scribe thread, so that no request costs an order anything.
// Everything about a peer is capped: how many, how long they may take, how much they may say.

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { constants, gzipSync } from "node:zlib";
import { messageOf } from "../base/message-of.ts";
import { type AdminReply, type AdminRoute, jsonReply } from "./scribe-part.ts";

/** An import makes all that node:http has by name, a WebSocket too, and with it loads a client of several megabytes. */
const { createServer } = process.getBuiltinModule("node:http");

const CONNECTIONS_MAX = 64;
const HEADER_BYTES_MAX = 8192;
const HEADERS_MS_MAX = 5000;
const REQUEST_MS_MAX = 5000;
const KEEP_ALIVE_MS = 5000;
/** Until the client has taken all of an answer: it holds one of the places meanwhile. */
const ANSWER_MS_MAX = 10_000;
const REQUESTS_PER_CONNECTION_MAX = 1000;
/** How often Node looks for peers that are over their time. */
const CHECK_INTERVAL_MS = 1000;

const NOT_FOUND = 404;
const METHOD_REFUSED = 405;
const BODY_REFUSED = 413;
const FAILED = 500;

/** `bytes` of the answer's body. */
export type OnAnswered = (path: string, tookMs: number, bytes: number) => void;

export function createAdminServer(
  routes: ReadonlyMap<string, AdminRoute>,
  onAnswered: OnAnswered,
  answerMsMax = ANSWER_MS_MAX,
): Server {
  const server = createServer(
    {
      maxHeaderSize: HEADER_BYTES_MAX,
      headersTimeout: HEADERS_MS_MAX,
      requestTimeout: REQUEST_MS_MAX,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    },
    (request, response) => {
      const late = setTimeout(() => request.socket.destroy(), answerMsMax);
      response.once("close", () => clearTimeout(late));
      void answer(request, response, routes, onAnswered);
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION_MAX;
  return server;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ReadonlyMap<string, AdminRoute>,
  onAnswered: OnAnswered,
): Promise<void> {
  const startMs = performance.now();
  const { status, contentType, body } = await replyTo(request, routes);
  const isZipped = typeof body !== "string" && acceptsGzip(request);
  const sent = isZipped ? zipped(body) : body;
  const bytes = Buffer.byteLength(sent);
  if (isZipped) response.setHeader("content-encoding", "gzip");
  if (typeof body !== "string") response.setHeader("vary", "accept-encoding");
  response.setHeader("content-type", contentType);
  response.setHeader("content-length", bytes);
  response.setHeader("cache-control", "no-store");
  if (status === METHOD_REFUSED) response.setHeader("allow", "GET, HEAD");
  // What still comes of a body that nobody wants is not read: the connection ends with the answer.
  if (status === METHOD_REFUSED || status === BODY_REFUSED)
    response.setHeader("connection", "close");
  response.writeHead(status).end(sent); // Node leaves the body of a HEAD away
  onAnswered(pathOf(request), performance.now() - startMs, bytes);
}

/** A page that is served again and again is compressed once. */
const zippedPages = new WeakMap<Buffer, Buffer>();

function zipped(page: Buffer): Buffer {
  let bytes = zippedPages.get(page);
  if (bytes === undefined) {
    bytes = gzipSync(page, { level: constants.Z_BEST_SPEED });
    zippedPages.set(page, bytes);
  }
  return bytes;
}

const acceptsGzip = ({ headers }: IncomingMessage): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(headers["accept-encoding"] ?? ""));

async function replyTo(
  request: IncomingMessage,
  routes: ReadonlyMap<string, AdminRoute>,
): Promise<AdminReply> {
  if (hasBody(request)) return jsonReply({ error: "no body is taken" }, BODY_REFUSED);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return jsonReply({ error: "only GET and HEAD are answered" }, METHOD_REFUSED);
  }
  const [, query = ""] = (request.url ?? "").split("?", 2);
  const route = routes.get(pathOf(request));
  if (route === undefined) {
    return jsonReply({ error: `known here: ${[...routes.keys()].join(", ")}` }, NOT_FOUND);
  }
  try {
    return await route(new URLSearchParams(query));
  } catch (error) {
    const reason = messageOf(error);
    return jsonReply({ error: reason }, FAILED);
  }
}

const pathOf = ({ url = "" }: IncomingMessage): string => url.split("?", 1)[0] ?? "";

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

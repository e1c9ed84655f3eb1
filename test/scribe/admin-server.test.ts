import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { createAdminServer } from "../../src/scribe/admin-server.ts";
import { jsonReply } from "../../src/scribe/scribe-part.ts";

const PAGE = Buffer.from("a_metric 1\n".repeat(1000));

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

async function serve(t: TestContext): Promise<(path: string, accept?: string) => Promise<Answer>> {
  const server = createAdminServer(
    new Map([
      ["/page", () => ({ status: 200, contentType: "text/plain", body: PAGE })],
      ["/words", () => jsonReply({ a: 1 })],
      [
        "/broken",
        () => {
          throw new Error("it broke");
        },
      ],
    ]),
    () => undefined,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return async (path, accept) => {
    const headers = accept === undefined ? {} : { "accept-encoding": accept };
    const request = get({ host: "127.0.0.1", port, path, headers, agent: false });
    const [response] = await once(request, "response");
    const chunks: Buffer[] = await response.toArray();
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  };
}

test("a page is compressed for those who say that they can read that", async (t) => {
  const ask = await serve(t);
  for (const accept of ["gzip", "deflate, gzip;q=1.0, *;q=0.5", "gzip;q=0.5"]) {
    const { headers, body } = await ask("/page", accept);
    assert.equal(headers["content-encoding"], "gzip", accept);
    assert.equal(headers["content-length"], String(body.length));
    assert.deepEqual(gunzipSync(body), PAGE);
    assert.ok(body.length < PAGE.length / 10);
  }
  for (const accept of [undefined, "identity", "gzip;q=0", "deflate"]) {
    const { headers, body } = await ask("/page", accept);
    assert.equal(headers["content-encoding"], undefined, accept);
    assert.equal(headers.vary, "accept-encoding");
    assert.deepEqual(body, PAGE);
  }
});

test("small answers are not compressed, and a route that breaks says why", async (t) => {
  const ask = await serve(t);
  const words = await ask("/words", "gzip");
  assert.deepEqual(JSON.parse(String(words.body)), { a: 1 });
  const broken = await ask("/broken");
  assert.equal(broken.status, 500);
  assert.match(String(broken.body), /it broke/);
  const unknown = await ask("/nowhere");
  assert.equal(unknown.status, 404);
  assert.match(String(unknown.body), /\/page, \/words/);
});

test("who asks and does not read loses its place, and one that reads keeps it", async (t) => {
  const page = Buffer.alloc(16 * 1024 * 1024, "a");
  const server = createAdminServer(
    new Map([
      ["/large", () => ({ status: 200, contentType: "text/plain", body: page })],
      ["/words", () => jsonReply({ a: 1 })],
    ]),
    () => undefined,
    100,
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const request = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
  const reader = connect(port, "127.0.0.1");
  reader.write(request("/words"));
  await once(reader, "data");
  const idler = connect(port, "127.0.0.1").pause();
  idler.on("error", () => undefined);
  idler.write(request("/large"));
  const [asked] = await once(server, "request");
  await once(asked.socket, "close");
  reader.write(request("/words"));
  const [answered] = await once(reader, "data");
  assert.match(String(answered), /^HTTP\/1\.1 200/);
  reader.destroy();
  idler.destroy();
});

// What a gateway captures, against what its clients sent and got.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CaptureFileReader } from "../../src/capture/capture-file-reader.ts";
import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  type CaptureRecord,
  CLOSED_BY,
} from "../../src/capture/capture-record.ts";
import { askGateway } from "../../src/tools/control-client.ts";
import { PASSWORD, TestGateway, type TestHooks, testDirectory } from "../support/gateway.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { packetsIn } from "../support/soup-packets.ts";
import { Trader } from "../support/trader.ts";

const { CONNECT, IN, OUT, END, CLOSE, PRESSURE } = CAPTURE_KIND;

interface ReadCapture {
  readonly records: readonly CaptureRecord[];
  readonly problems: readonly string[];
  readonly reader: CaptureFileReader;
}

function readCapture(path: string): ReadCapture {
  const reader = CaptureFileReader.open(path);
  const records = Array.from(reader.records(), (record) => ({
    ...record,
    payload: Buffer.from(record.payload),
  }));
  reader.close();
  return { records, problems: reader.problems, reader };
}

/** "X:payload" for each packet of one direction of a connection. */
function packetsOf({ records }: ReadCapture, connection: number, kind: number): string[] {
  const own = records.filter((each) => each.connection === connection && each.kind === kind);
  return packetsIn(Buffer.concat(own.map(({ payload }) => payload)));
}
const without = (packets: readonly string[], password: string): string[] =>
  packets.map((packet) => packet.replace(password, " ".repeat(password.length)));

/** A trader whose every byte is known. */
async function tapped(
  t: TestHooks,
  gateway: TestGateway,
): Promise<{ trader: Trader; proxy: RecordingProxy }> {
  const proxy = await RecordingProxy.start({ host: gateway.host, port: gateway.port });
  t.after(() => proxy.stop());
  const trader = await Trader.connect(proxy, gateway.user());
  await trader.mustLogIn(PASSWORD);
  return { trader, proxy };
}

async function command(gateway: TestGateway, words: { command: string; file?: string }) {
  const answer = await askGateway(gateway.ready.control, words, 20_000);
  assert.ok(answer.ok, JSON.stringify(answer.error));
  return answer.result as Record<string, unknown>;
}

test("a capture has what each client sent and got, byte for byte but for passwords", async (t) => {
  const directory = testDirectory();
  const file = join(directory, "day.cap");
  const gateway = await TestGateway.start(t, { directory, words: ["--capture", file] });
  const clients = [await tapped(t, gateway), await tapped(t, gateway), await tapped(t, gateway)];
  for (let order = 0; order < 200; order++) {
    const { trader } = clients[order % clients.length]!;
    trader.order({ side: order % 2 === 0 ? "B" : "S" });
  }
  for (const { trader } of clients) await trader.heard();
  const status = await command(gateway, { command: "status" });
  assert.equal((status.capture as { file: string }).file, file);
  const { host, port } = gateway.ready.admin;
  const page = await (await fetch(`http://${host}:${port}/metrics`)).text();
  assert.match(page, /gateway_capture_running\{.*\} 1/);
  assert.match(page, /gateway_capture_chunks_total\{.*result="written"\} [1-9]/);
  for (const { trader } of clients) trader.session.socket.end();
  const connections = async (): Promise<number> => {
    const { gate } = await command(gateway, { command: "status" });
    return (gate as { connections: number }).connections;
  };
  while ((await connections()) > 0);
  await gateway.stop();

  const capture = readCapture(file);
  assert.deepEqual(capture.problems, []);
  assert.ok(!readFileSync(file).includes(PASSWORD), "no password is in the file");
  for (const [index, { proxy }] of clients.entries()) {
    const number = index + 1;
    const sent = without(proxy.packets("client"), PASSWORD);
    assert.deepEqual(packetsOf(capture, number, IN), sent);
    const out = packetsOf(capture, number, OUT);
    const got = proxy.packets("server");
    assert.deepEqual(out.slice(0, got.length), got);
    // The gateway may have said that it lives before it heard that the client had gone.
    assert.ok(out.slice(got.length).every((each) => each === "H:"));
    const kinds = capture.records
      .filter(({ connection }) => connection === number)
      .map(({ kind }) => kind);
    assert.equal(kinds[0], CONNECT);
    assert.deepEqual(kinds.slice(-1), [CLOSE]);
    assert.ok(kinds.includes(END));
    const { account, in: totals } = capture.reader.index?.connections[index] ?? {};
    assert.equal(account, clients[index]?.trader.user);
    assert.equal(totals?.lostChunks, 0);
  }
  const closes = capture.records.filter(({ kind }) => kind === CLOSE);
  assert.deepEqual(
    closes.map(({ detail }) => detail),
    [CLOSED_BY.CLIENT, CLOSED_BY.CLIENT, CLOSED_BY.CLIENT],
  );
  const { info } = capture.reader;
  assert.equal(info.session, gateway.session);
  assert.match(info.origin, /^tailgate .* gate$/);
  // One clock, and nobody's time goes back.
  for (const kind of [IN, OUT]) {
    const times = capture.records.filter((each) => each.kind === kind).map(({ atNs }) => atNs);
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    );
    assert.ok(times.every((atNs) => atNs >= info.anchorNs));
  }
});

test("a capture begins and ends in the middle, and another one follows", async (t) => {
  const gateway = await TestGateway.start(t);
  const { trader, proxy } = await tapped(t, gateway);
  trader.order();
  await trader.heard();
  const before = {
    client: proxy.packets("client").length,
    server: proxy.packets("server").length,
  };
  const files = [join(gateway.directory, "one.cap"), join(gateway.directory, "two.cap")];
  const readFiles: ReadCapture[] = [];
  const seen: { client: string[]; server: string[] }[] = [];
  for (const file of files) {
    const started = await command(gateway, { command: "capture-start", file });
    assert.equal(started.file, file);
    const again = await askGateway(gateway.ready.control, { command: "capture-start", file });
    assert.equal(again.error?.code, "CAPTURE_RUNNING");
    for (let order = 0; order < 10; order++) trader.order();
    await trader.heard();
    const stopped = await command(gateway, { command: "capture-stop" });
    seen.push({
      client: proxy.packets("client").slice(before.client),
      server: proxy.packets("server").slice(before.server),
    });
    before.client = proxy.packets("client").length;
    before.server = proxy.packets("server").length;
    const capture = readCapture(file);
    readFiles.push(capture);
    assert.equal(stopped.records, capture.records.length);
  }
  for (const [index, capture] of readFiles.entries()) {
    const [connect] = capture.records.filter(({ kind }) => kind === CONNECT);
    assert.equal(connect?.flags, CAPTURE_FLAG.MID);
    const facts = JSON.parse(connect?.payload.toString() ?? "");
    assert.equal(facts.account, trader.user);
    // A heartbeat may come between the last look at the proxy and the end of the capture.
    const orders = (packets: readonly string[] = []): string[] =>
      packets.filter((packet) => packet.startsWith("U:") || packet.startsWith("S:"));
    assert.deepEqual(orders(packetsOf(capture, 1, IN)), orders(seen[index]?.client));
    assert.deepEqual(orders(packetsOf(capture, 1, OUT)), orders(seen[index]?.server));
    assert.equal(orders(seen[index]?.client).length, 11);
  }
  const nothing = await askGateway(gateway.ready.control, { command: "capture-stop" });
  assert.equal(nothing.error?.code, "NO_CAPTURE");
  trader.close();
});

test("a capture goes on over the end of a session into the next", async (t) => {
  const gateway = await TestGateway.start(t);
  const file = join(gateway.directory, "day.cap");
  await command(gateway, { command: "capture-start", file });
  const proxies: RecordingProxy[] = [];
  for (const isFirst of [true, false]) {
    const { trader, proxy } = await tapped(t, gateway);
    proxies.push(proxy);
    trader.order();
    await trader.heard();
    if (isFirst) {
      const closed = once(trader.session.socket, "close");
      await command(gateway, { command: "roll" });
      await closed;
    } else trader.close();
  }
  await command(gateway, { command: "capture-stop" });
  const capture = readCapture(file);
  assert.deepEqual(capture.problems, []);
  const [first, second] = proxies;
  assert.deepEqual(packetsOf(capture, 1, OUT), first?.packets("server"));
  assert.ok(packetsOf(capture, 1, OUT).at(-1)?.startsWith("Z:"));
  assert.deepEqual(packetsOf(capture, 2, IN), without(second?.packets("client") ?? [], PASSWORD));
});

test("a capture that cannot be written is refused in a line, and a full one ends itself", async (t) => {
  const directory = testDirectory();
  const file = join(directory, "day.cap");
  writeFileSync(file, "of an earlier run");
  const settings = { "capture.bytesMax": 65_536 };
  const gateway = await TestGateway.start(t, { directory, settings, words: ["--capture", file] });
  assert.match(await gateway.untilLogged("capture-started"), /day-2\.cap/);
  const trader = await gateway.trader();
  for (let order = 0; order < 2000; order++) trader.order();
  await trader.heard();
  const ended = await gateway.untilLogged("capture-ended");
  assert.match(ended, /capture\.bytesMax, 65536 bytes/);
  const capture = readCapture(join(directory, "day-2.cap"));
  assert.deepEqual(capture.problems, []);
  assert.ok(capture.records.length > 3);
  assert.equal(readFileSync(file, "utf8"), "of an earlier run");

  const ask = (name: string) =>
    askGateway(gateway.ready.control, { command: "capture-start", file: join(directory, name) });
  assert.match((await ask("day.cap")).error?.message ?? "", /EEXIST/);
  assert.match((await ask("no/such/day.cap")).error?.message ?? "", /ENOENT/);
  const bad = await askGateway(gateway.ready.control, { command: "capture-start" });
  assert.equal(bad.error?.code, "BAD_FILE");
  trader.order();
  await trader.heard();
});

test("collections and their like stand beside the traffic", async (t) => {
  const gateway = await TestGateway.start(t);
  const file = join(gateway.directory, "day.cap");
  await command(gateway, { command: "capture-start", file });
  // Makes garbage in main, where it is collected with a lane's.
  const trader = await gateway.trader();
  for (let round = 0; round < 40; round++) {
    await command(gateway, { command: "dump" });
    await fetch(`http://127.0.0.1:${gateway.ready.admin.port}/metrics`);
    trader.order();
  }
  await trader.heard();
  const isTold = async (): Promise<boolean> => {
    const { records } = readCapture(file);
    return records.some(({ kind }) => kind === PRESSURE);
  };
  while (!(await isTold())) await command(gateway, { command: "dump" });
  await command(gateway, { command: "capture-stop" });
  const facts = readCapture(file)
    .records.filter(({ kind }) => kind === PRESSURE)
    .map(({ payload }) => JSON.parse(payload.toString()));
  for (const { event, thread, durationNs } of facts) {
    assert.match(event, /^[a-z-]+$/);
    assert.match(thread, /^(gate|scribe|keeper|other|lane \d)$/);
    assert.ok(durationNs >= 0);
  }
});

import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CaptureFileReader } from "../../src/capture/capture-file-reader.ts";
import { GatewayProcess } from "../../src/tools/gateway-process.ts";
import { CapturingProxy } from "../support/capturing-proxy.ts";
import {
  FIRM,
  gatewayArguments,
  PASSWORD,
  TestGateway,
  testDirectory,
} from "../support/gateway.ts";
import { RawConnection } from "../support/raw-connection.ts";
import {
  cancel,
  disable,
  enable,
  enter,
  massCancel,
  modify,
  query,
  replace,
  type SentSequence,
  sentSequences,
} from "../support/replay-script.ts";
import { runTool } from "../support/run-tool.ts";
import { login, packet } from "../support/soup-packets.ts";

interface ReplayJson {
  readonly isValid: boolean;
  readonly invalid: string[];
  readonly counts: Record<string, number>;
  readonly rejectCodes: Record<string, number>;
  readonly comparison: {
    readonly compared: number;
    readonly different: number;
    readonly differences: object[];
    readonly executionsCaptured: number;
    readonly executionsReplayed: number;
  };
  readonly leftOut: { readonly unknownOrders: number; readonly problems: string[] };
  readonly histogram: string;
  readonly series: object[];
}

/** Late sends are the machine's, which has others to serve. */
const ON_A_BUSY_MACHINE = ["--json", "--late-share", "1"];

const resultOf = (stdout: string): ReplayJson =>
  JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as ReplayJson;

function sequencesOf(file: string): SentSequence[] {
  const reader = CaptureFileReader.open(file);
  try {
    return sentSequences(reader.records());
  } finally {
    reader.close();
  }
}

/** Two clients who do much at once, one behind the other so that every run answers alike. */
async function trade(address: CapturingProxy, users: [string, string]) {
  const [first, second] = users;
  const makers = await RawConnection.open(address);
  makers.send(login({ userName: first, password: PASSWORD, requestedSequence: 1 }));
  await makers.untilPacket("A");
  const isAnswered = (count: number) => (packets: string[]) =>
    packets.filter((text) => text.startsWith("S:Q")).length >= count;
  // Numbers with gaps, several requests of one order under way, a used number, a dead target, a reject.
  makers.send(
    Buffer.concat([
      enter(5),
      enter(9, { side: "S", price: 1_010_000, quantity: 300 }),
      replace(5, 11, { price: 990_000, quantity: 500 }),
      replace(11, 12, { price: 980_000, quantity: 500 }),
      cancel(12, 300),
      cancel(12, 200),
      cancel(12, 400),
      cancel(11),
      modify(9, "T", 200),
      enter(9),
      enter(7),
      replace(5, 13),
      enter(13, { price: 970_000 }),
      cancel(13),
      enter(14, { symbol: "" }),
      enter(15, { tags: { USER_REF_IDX: 3 } }),
      enter(2, { side: "S", price: 1_500_000, tags: { USER_REF_IDX: 3 } }),
      query(),
    ]),
  );
  await makers.until("the first query", isAnswered(1));
  // A packet that TCP cut, and what cannot be read.
  const cut = enter(20, { side: "S", price: 1_020_000 });
  const { chunks } = address;
  makers.send(cut.subarray(0, 17));
  await address.untilChunks(chunks + 1);
  // Long enough for a replay's two halves not to be read at once.
  address.delayNs = 4e8;
  makers.send(Buffer.concat([cut.subarray(17), packet("U", "O12"), packet("U", "?what")]));
  makers.send(packet("R"));
  makers.send(query());
  await makers.until("the second query", isAnswered(2));

  const taker = await RawConnection.open(address);
  taker.send(login({ userName: second, password: PASSWORD, requestedSequence: 1 }));
  await taker.untilPacket("A");
  taker.send(enter(1, { price: 1_010_000, timeInForce: "3" }));
  taker.send(query());
  await taker.until("its query", isAnswered(1));
  taker.send(packet("O"));
  await taker.ended();
  // A replay's login may take longer than this one's did; what comes next must not overtake it.
  address.delayNs += 1e9;

  makers.send(Buffer.concat([disable(30, FIRM), enter(31), enable(32, FIRM), enter(33)]));
  makers.send(Buffer.concat([massCancel(34, FIRM), enter(35), cancel(9), query()]));
  await makers.until("the third query", isAnswered(3));
  makers.socket.end();
  await makers.ended();

  const again = await RawConnection.open(address);
  again.send(login({ userName: first, password: PASSWORD, requestedSequence: 0 }));
  await again.untilPacket("A");
  again.send(Buffer.concat([cancel(35), enter(40), cancel(40)]));
  again.send(query());
  await again.until("the last query", isAnswered(1));
  again.send(packet("O"));
  await again.ended();
}

async function captured(t: TestContext): Promise<{ gateway: TestGateway; file: string }> {
  const gateway = await TestGateway.start(t);
  const file = join(testDirectory(), "a.capture");
  const proxy = await CapturingProxy.start(t, gateway, file);
  await trade(proxy, [gateway.user(), gateway.user()]);
  await proxy.stop();
  return { gateway, file };
}

test("every request of a replay is answered or explained, and answered as it was", async (t) => {
  const { file } = await captured(t);
  const args = [file, ...ON_A_BUSY_MACHINE, "--speed", "2"];
  const { status, stdout, stderr } = await runTool("replay.ts", args);
  const { isValid, counts, comparison, leftOut, histogram } = resultOf(stdout);
  assert.deepEqual(comparison.differences, []);
  assert.deepEqual([status, isValid], [0, true], stderr);
  assert.equal(counts.unanswered, 0);
  assert.equal(counts.unmatched, 0);
  assert.equal(
    (counts.accepted ?? 0) + (counts.rejected ?? 0) + (counts.explained ?? 0),
    counts.sent,
  );
  assert.deepEqual(leftOut, { problems: [], unknownOrders: 0, unsentPackets: 0 });
  assert.equal(comparison.executionsReplayed, comparison.executionsCaptured);
  assert.ok(histogram.length > 0);
});

test("a replay of a replay's capture sends the same", async (t) => {
  const { gateway, file } = await captured(t);
  const users = [gateway.user(), gateway.user(), gateway.user(), gateway.user()];
  const files = [file];
  for (const [first, second] of [users.slice(0, 2), users.slice(2)]) {
    const from = files.at(-1) ?? "";
    const to = join(testDirectory(), "b.capture");
    const proxy = await CapturingProxy.start(t, gateway, to);
    const names = files.length === 1 ? ["T00000", "T00001"] : users.slice(0, 2);
    const { status, stderr } = await runTool("replay.ts", [
      from,
      ...ON_A_BUSY_MACHINE,
      ...["--target", `127.0.0.1:${proxy.port}`, "--password", PASSWORD],
      ...["--account", `${names[0]}=${first}`, "--account", `${names[1]}=${second}`],
    ]);
    assert.equal(status, 0, stderr);
    await proxy.stop();
    files.push(to);
  }
  const [original, once, twice] = files.map(sequencesOf);
  assert.deepEqual(twice, once);
  // What was cut on the way stays cut, at the same byte of the same message.
  assert.ok(original?.[0]?.cuts.includes("19:17"), original?.[0]?.cuts.join(" "));
  assert.equal(once?.[0]?.cuts.length, 1);
  // The queries were there already but for the channel's own, and the end of the account's first connection.
  assert.equal(once?.[0]?.messages.length, (original?.[0]?.messages.length ?? 0) + 2);
});

test("a load that the gateway captured replays with every request answered or explained, as a pcap too", async (t) => {
  const directory = testDirectory();
  const file = join(directory, "load.capture");
  const accounts = [{ prefix: "LOAD", count: 4, password: "LOAD", firm: FIRM }];
  const settings = { accounts, "journal.segmentBytes": 2 ** 20 };
  const gateway = await GatewayProcess.start([
    ...gatewayArguments(directory, { settings }),
    ...["--capture", file],
  ]);
  t.after(() => gateway.child.kill("SIGKILL"));
  const { host, port } = gateway.ready.order;
  const load = await runTool("load.ts", [
    ...["--target", `${host}:${port}`, "--accounts", "LOAD:4", "--late-share", "1"],
    ...["--rate", "1500", "--warmup", "0", "--seconds", "1", "--cooldown", "0"],
  ]);
  assert.equal(load.status, 0, load.stderr);
  await gateway.stop();
  const pcap = join(directory, "load.pcap");
  assert.equal((await runTool("capture.ts", ["to-pcap", file, "--out", pcap])).status, 0);
  for (const capture of [file, pcap]) {
    const { status, stdout, stderr } = await runTool("replay.ts", [capture, ...ON_A_BUSY_MACHINE]);
    const { counts, comparison, leftOut, series } = resultOf(stdout);
    assert.equal(status, 0, stderr);
    assert.deepEqual([counts.unanswered, counts.unmatched], [0, 0]);
    const explained = (counts.accepted ?? 0) + (counts.rejected ?? 0) + (counts.explained ?? 0);
    assert.equal(explained, counts.sent);
    assert.ok(comparison.compared > 1_000);
    assert.deepEqual(leftOut, { problems: [], unknownOrders: 0, unsentPackets: 0 });
    assert.ok(series.length > 0);
  }
});

test("where nothing can be written is told before anything is sent, with status 2", async () => {
  const { status, stderr } = await runTool("replay.ts", ["any.capture", "--out", "/proc/nothing"]);
  assert.equal(status, 2);
  assert.match(stderr, /^ENOENT.*'\/proc\/nothing'\n$/);
});

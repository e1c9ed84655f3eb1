import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CaptureFileReader } from "../../src/capture/capture-file-reader.ts";
import { CaptureFileWriter } from "../../src/capture/capture-file-writer.ts";
import {
  CAPTURE_FLAG,
  CAPTURE_KIND,
  CAPTURE_VERSION,
  type CaptureInfo,
  CLOSED_BY,
} from "../../src/capture/capture-record.ts";
import type { CaptureOverview } from "../../src/tools/capture/capture-overview.ts";
import { testDirectory } from "../support/gateway.ts";
import { TestConversation, type TestSegment, writeCapture } from "../support/packet-capture.ts";
import {
  ACCEPTED,
  BLANKED_LOGIN,
  CLIENT_HEARTBEAT,
  ENTER,
  LOGIN,
  LOGIN_ACCEPTED,
  PASSWORD,
  streamsOf,
  textsOf,
} from "../support/recorded-chunks.ts";
import { runTool } from "../support/run-tool.ts";
import { tshark } from "../support/tshark.ts";

const INFO: CaptureInfo = {
  version: CAPTURE_VERSION,
  protocol: "SoupBinTCP 3.00 / OUCH 5.0",
  origin: "tailgate 0.1.0 gate",
  host: "here",
  node: "v24",
  cpu: "a fast one",
  configHash: "abc",
  session: "DAY1",
  anchorNs: 5e9,
  anchorEpochMs: Date.UTC(2026, 10, 21, 14, 30),
};

class Files {
  readonly directory = testDirectory();

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Two connections of the gateway, 10 ms between records, a collection in the middle. */
  own(name: string, info: Partial<CaptureInfo> = {}): string {
    const writer = new CaptureFileWriter(this.path(name), { ...INFO, ...info });
    let atNs = { ...INFO, ...info }.anchorNs;
    const add = (
      kind: number,
      connection: number,
      payload: Buffer,
      detail = 0,
      flags = 0,
    ): void => {
      writer.add(kind, flags, connection, detail, atNs, payload);
      atNs += 10e6;
    };
    const { CONNECT, IN, OUT, END, CLOSE, PRESSURE } = CAPTURE_KIND;
    const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
    add(CONNECT, 7, json({ remoteAddress: "::ffff:10.0.0.9", remotePort: 4711 })); // 0 ms
    add(IN, 7, BLANKED_LOGIN);
    add(OUT, 7, LOGIN_ACCEPTED); // 20 ms
    const bob = { remoteAddress: "::1", remotePort: 4712, account: "BOB" };
    add(CONNECT, 9, json(bob), 0, CAPTURE_FLAG.MID);
    add(IN, 7, ENTER.subarray(0, 9)); // 40 ms
    add(PRESSURE, 0, json({ event: "gc", thread: "gate", durationNs: 2e6 }));
    add(IN, 7, ENTER.subarray(9)); // 60 ms
    add(OUT, 7, ACCEPTED);
    add(IN, 9, Buffer.concat([ENTER, CLIENT_HEARTBEAT])); // 80 ms
    add(END, 7, Buffer.alloc(0));
    add(CLOSE, 7, Buffer.alloc(0), CLOSED_BY.CLIENT); // 100 ms
    writer.close();
    return this.path(name);
  }

  packets(name: string, segments: readonly TestSegment[]): string {
    writeCapture(this.path(name), segments);
    return this.path(name);
  }
}

function files(t: TestContext): Files {
  const made = new Files();
  t.after(() => rmSync(made.directory, { recursive: true, force: true }));
  return made;
}

function read(path: string): { info: CaptureInfo; texts: string[]; times: number[] } {
  const reader = CaptureFileReader.open(path);
  const texts = textsOf(reader.records());
  const times = Array.from(reader.records(), ({ atNs }) => atNs);
  assert.deepEqual(reader.problems, []);
  reader.close();
  return { info: reader.info, texts, times };
}

const session = (port = 40_000, atNs = 0): TestConversation =>
  new TestConversation(port, atNs)
    .handshake()
    .client(LOGIN)
    .server(LOGIN_ACCEPTED)
    .client(ENTER)
    .server(ACCEPTED);

async function succeed(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runTool("capture.ts", args);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  return stdout;
}

async function fail(status: number, pattern: RegExp, ...args: string[]): Promise<void> {
  const run = await runTool("capture.ts", args);
  assert.match(run.stderr, pattern);
  assert.doesNotMatch(run.stderr, /^ +at /m, "no stack trace");
  assert.equal(run.status, status, run.stderr);
}

test("info tells what is in the gateway's own capture", async (t) => {
  const path = files(t).own("own");
  const text = await succeed("info", path);
  assert.match(text, /made by +tailgate 0.1.0 gate, here, v24, a fast one/);
  assert.match(text, /time +2026-11-21 14:30:00.000 UTC, 100.0 ms/);
  assert.match(text, /in +4 chunks, .*; messages O 2; packets U 2, L 1, R 1/);
  assert.match(text, /7 +ALICE +\[::ffff:10.0.0.9\]:4711 .* closed by client/);
  assert.match(text, /9 +BOB .*under way at its start, open/);
  assert.match(text, /gate +gc +1 +2.00 ms/);
  const overview = JSON.parse(await succeed("info", path, "--json")) as CaptureOverview;
  assert.equal(overview.records, 11);
  assert.equal(overview.durationNs, 100e6);
  assert.deepEqual(overview.pressure, [
    { event: "gc", thread: "gate", count: 1, durationNs: 2e6, durationNsMax: 2e6 },
  ]);
  const [alice, bob] = overview.connections;
  assert.deepEqual(alice?.in.messages, { O: 1 });
  assert.deepEqual(alice?.out.messages, { A: 1 });
  assert.equal(alice?.closedBy, "client");
  assert.equal(bob?.account, "BOB");
  assert.equal(bob?.closedBy, null);
});

test("info tells of a packet capture what it would be as a capture, and what is missing", async (t) => {
  const made = files(t);
  const path = made.packets("a.pcap", session().segments);
  assert.match(await succeed("info", path), /1 +ALICE +2.2.2.2:40000 .* open/);
  const half = made.packets(
    "b.pcap",
    session().segments.filter(({ isFromClient }) => isFromClient),
  );
  await fail(1, /b.pcap: connection 1: nothing from the server is in the file/, "info", half);
});

test("nothing that a client sent reaches the terminal as more than letters", async (t) => {
  const made = files(t);
  const request = Buffer.from(LOGIN);
  request.write("\x9b2J\x7f ", 3, "latin1");
  const conversation = new TestConversation().handshake().client(request, ENTER);
  const path = made.packets("a.pcap", conversation.segments);
  const stdout = await succeed("info", path);
  assert.match(stdout, /\\x9b2J\\x7f/);
  assert.doesNotMatch(stdout, /[\x7f-\x9f]/);
});

test("an import is a capture of its own, without passwords", async (t) => {
  const made = files(t);
  const path = made.packets("a.pcap", session().fin(true).fin(false).segments);
  const out = made.path("a.cap");
  assert.match(await succeed("import", path, "--out", out), /7 records/);
  const { info, texts } = read(out);
  assert.equal(info.origin, "pcap import");
  assert.equal(texts[1], `IN 1 ${BLANKED_LOGIN.toString("hex")}`);
  assert.equal(texts.length, 7);
  assert.ok(!readFileSync(out).includes(PASSWORD));
  await fail(2, /a.cap: is there already/, "import", path, "--out", out);
});

test("a cut begins with the connections that are open, and with the packet that is on its way", async (t) => {
  const made = files(t);
  const path = made.own("own");
  const out = made.path("out");
  await succeed("cut", path, "--from", "45ms", "--to", "0.085", "--out", out);
  const { info, texts, times } = read(out);
  assert.equal(info.origin, "tailgate 0.1.0 gate, cut");
  assert.deepEqual(texts, [
    'CONNECT+1 7 {"remoteAddress":"::ffff:10.0.0.9","remotePort":4711,"account":"ALICE"}',
    `IN 7 ${ENTER.toString("hex", 0, 9)}`,
    'CONNECT+1 9 {"remoteAddress":"::1","remotePort":4712,"account":"BOB"}',
    'PRESSURE 0 {"event":"gc","thread":"gate","durationNs":2000000}',
    `IN 7 ${ENTER.toString("hex", 9)}`,
    `OUT 7 ${ACCEPTED.toString("hex")}`,
    `IN 9 ${ENTER.toString("hex")}${CLIENT_HEARTBEAT.toString("hex")}`,
  ]);
  assert.deepEqual(
    times.map((atNs) => (atNs - INFO.anchorNs) / 1e6),
    [45, 45, 45, 50, 60, 70, 80],
  );
});

test("a cut by the wall's clock, by connection and by account", async (t) => {
  const made = files(t);
  const path = made.own("own");
  const cut = async (name: string, ...args: string[]): Promise<string[]> => {
    await succeed("cut", path, "--out", made.path(name), ...args);
    return read(made.path(name)).texts.map((text) => text.split(" ").slice(0, 2).join(" "));
  };
  const late = ["--from", "2026-11-21T14:30:00.075Z"];
  assert.deepEqual(await cut("a", ...late), [
    "CONNECT+1 7",
    "CONNECT+1 9",
    "IN 9",
    "END 7",
    "CLOSE 7",
  ]);
  assert.deepEqual(await cut("b", "--account", "bob"), ["CONNECT+1 9", "PRESSURE 0", "IN 9"]);
  const both = await cut("c", "--connection", "9", "--account", "ALICE");
  assert.equal(both.length, 11);
  await fail(
    2,
    /no account|no connection is of account CAROL/,
    "cut",
    path,
    "--account",
    "CAROL",
    "--out",
    made.path("d"),
  );
  await fail(
    2,
    /there is no connection 8/,
    "cut",
    path,
    "--connection",
    "8",
    "--out",
    made.path("d"),
  );
  await fail(
    2,
    /nothing to write/,
    "cut",
    path,
    "--from",
    "1h",
    "--to",
    "2h",
    "--connection",
    "7",
    "--out",
    made.path("d"),
  );
  assert.ok(!existsSync(made.path("d")), "no file is left");
});

test("where nothing can be made of a file that is cut off, that is told as well", async (t) => {
  const made = files(t);
  const path = made.own("own");
  truncateSync(path, 400);
  for (const command of ["cut", "to-pcap", "import"]) {
    const both =
      /^no end: the capture is cut off .*\nthere is nothing to write: no file was made\n$/;
    await fail(2, both, command, path, "--out", made.path("d"));
  }
});

test("captures are merged by their wall clocks, whatever their own clocks say", async (t) => {
  const made = files(t);
  const first = made.own("first");
  const second = made.own("second", {
    anchorNs: 77e9,
    anchorEpochMs: INFO.anchorEpochMs + 5,
    host: "there",
  });
  const out = made.path("out");
  await succeed("merge", first, second, "--out", out);
  const { info, texts, times } = read(out);
  assert.equal(info.origin, "merge of 2 captures");
  assert.equal(info.host, "");
  assert.equal(info.session, "DAY1");
  assert.equal(texts.length, 22);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
  assert.deepEqual(
    times.slice(0, 4).map((atNs) => (atNs - INFO.anchorNs) / 1e6),
    [0, 5, 10, 15],
  );
  const connections = new Set(texts.map((text) => text.split(" ")[1]));
  assert.deepEqual([...connections].sort(), ["0", "1", "2", "3", "4"]);
});

test("captures that are years apart are merged; what a pcap cannot say of times is told", async (t) => {
  const made = files(t);
  const years = 20 * 365 * 86_400e3;
  const first = made.own("first");
  const second = made.own("second", { anchorEpochMs: INFO.anchorEpochMs + years });
  await succeed("merge", first, second, "--out", made.path("out"));
  const { texts, times } = read(made.path("out"));
  assert.equal(texts.length, 22);
  assert.equal((times[11] ?? 0) - (times[0] ?? 0), years * 1e6);
  const late = made.own("late", { anchorEpochMs: Date.UTC(2107) });
  const early = made.own("early", { anchorEpochMs: Date.UTC(1969) });
  for (const path of [late, early]) {
    const out = made.path("out.pcap");
    await fail(2, /times before 1970 or after 2106: a pcap cannot/, "to-pcap", path, "--out", out);
    assert.ok(!existsSync(out));
  }
});

test("packets made of a capture satisfy Wireshark, and are the same capture again", async (t) => {
  const made = files(t);
  const path = made.own("own");
  const out = made.path("out.pcap");
  assert.match(
    await succeed("to-pcap", path, "--out", out, "--port", "9000"),
    /1 records of pressure/,
  );
  const lines = async (filter: string, ...fields: string[]): Promise<string[]> => {
    const checks = ["ip", "tcp"].flatMap((name) => ["-o", `${name}.check_checksum:TRUE`]);
    const shown = fields.flatMap((field) => ["-e", field]);
    const decode = ["-d", "tcp.port==9000,soupbintcp", "--disable-heuristic", "ouch_soupbintcp"];
    const text = await tshark(
      "-r",
      out,
      ...checks,
      ...decode,
      "-Y",
      filter,
      "-T",
      "fields",
      ...shown,
    );
    return text.split("\n").filter((line) => line !== "");
  };
  const bad =
    "_ws.malformed || tcp.analysis.flags || ip.checksum.status == 0 || tcp.checksum.status == 0";
  assert.deepEqual(await lines(bad, "frame.number"), []);
  assert.equal((await lines("tcp.checksum.status == 1", "frame.number")).length, 12);
  assert.deepEqual(
    await lines("soupbintcp", "ip.src", "ipv6.src", "tcp.srcport", "soupbintcp.packet_type"),
    [
      "10.0.0.9\t\t4711\t'L'",
      "192.0.2.1\t\t9000\t'A'",
      "10.0.0.9\t\t4711\t'U'",
      "192.0.2.1\t\t9000\t'S'",
      "\t::1\t4712\t'U','R'",
    ],
  );
  const [time = ""] = await lines("frame.number == 1", "frame.time_epoch");
  assert.equal(Number(time), INFO.anchorEpochMs / 1000);

  const again = made.path("again");
  const run = await runTool("capture.ts", ["import", out, "--out", again]);
  assert.match(run.stderr, /nothing from the server/, "of the second connection");
  const twice = read(again).texts.map((text) => text.split(" ")[0]);
  assert.deepEqual(
    twice.filter((kind) => kind !== "PRESSURE"),
    read(path)
      .texts.map((text) => text.split(" ")[0])
      .filter((kind) => kind !== "PRESSURE" && kind !== "CONNECT+1")
      .toSpliced(6, 0, "CONNECT+1"),
  );
  const before = CaptureFileReader.open(path);
  const after = CaptureFileReader.open(again);
  assert.deepEqual(
    [...streamsOf(after.records()).values()],
    [...streamsOf(before.records()).values()],
  );
  before.close();
  after.close();
});

test("bytes that were lost behind the last packet of a connection are told of", async (t) => {
  const made = files(t);
  const path = made.path("own");
  const writer = new CaptureFileWriter(path, INFO);
  const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
  const lost = (connection: number, direction: string, bytes: number): void => {
    const payload = json({ direction, chunks: 1, bytes });
    writer.add(CAPTURE_KIND.LOST, 0, connection, 0, INFO.anchorNs, payload);
  };
  for (const connection of [1, 2, 3]) {
    const facts = json({ remoteAddress: "10.0.0.9", remotePort: 4711 + connection });
    writer.add(CAPTURE_KIND.CONNECT, 0, connection, 0, INFO.anchorNs, facts);
    lost(connection, "in", 500);
  }
  // What either end says later shows how far the other one was.
  writer.add(CAPTURE_KIND.OUT, 0, 1, 0, INFO.anchorNs, LOGIN_ACCEPTED);
  writer.add(CAPTURE_KIND.CLOSE, 0, 3, CLOSED_BY.SERVER, INFO.anchorNs, Buffer.alloc(0));
  lost(1, "out", 700);
  writer.close();
  const out = made.path("out.pcap");
  const text = await succeed("to-pcap", path, "--out", out);
  assert.match(text, /; 1,200 bytes that were lost behind the last packet of a connection cannot/);
  const [result] = (await succeed("to-pcap", path, "--out", made.path("b"), "--json")).split("\n");
  assert.equal(JSON.parse(result ?? "").unseenLostBytes, 1_200);
  const { stderr } = await runTool("capture.ts", ["import", out, "--out", made.path("again")]);
  assert.match(stderr, /connection 1: 500 bytes from the client are missing/);
  assert.match(stderr, /connection 3: 500 bytes from the client are missing/);
  assert.doesNotMatch(stderr, /bytes from the server/);
});

test("who ended a connection is the same in packets, though both sides have said FIN by then", async (t) => {
  const made = files(t);
  const path = made.path("own");
  const writer = new CaptureFileWriter(path, INFO);
  const { CONNECT, IN, OUT, END, CLOSE } = CAPTURE_KIND;
  let atNs = INFO.anchorNs;
  const add = (kind: number, connection: number, payload?: Buffer, detail = 0): void => {
    writer.add(kind, 0, connection, detail, atNs, payload ?? Buffer.alloc(0));
    atNs += 10e6;
  };
  for (const by of [CLOSED_BY.SERVER, CLOSED_BY.CLIENT]) {
    const facts = { remoteAddress: "10.0.0.9", remotePort: 4000 + by };
    add(CONNECT, by, Buffer.from(JSON.stringify(facts)));
    add(IN, by, BLANKED_LOGIN);
    add(OUT, by, LOGIN_ACCEPTED);
    add(END, by);
    add(CLOSE, by, undefined, by);
  }
  writer.close();
  await succeed("to-pcap", path, "--out", made.path("pcap"));
  await succeed("import", made.path("pcap"), "--out", made.path("again"));
  const reader = CaptureFileReader.open(made.path("again"));
  const closes: number[] = [];
  for (const { kind, detail } of reader.records()) if (kind === CLOSE) closes.push(detail);
  reader.close();
  assert.deepEqual(closes, [CLOSED_BY.SERVER, CLOSED_BY.CLIENT]);
});

test("what cannot be used is refused in one line", async (t) => {
  const made = files(t);
  const path = made.own("own");
  const out = made.path("out");
  await fail(2, /only cut takes --from\n\nnpm run capture -- info/, "info", path, "--from", "1");
  await fail(2, /--from is not before --to/, "cut", path, "--out", out, "--from", "2", "--to", "1");
  await fail(2, /nowhere: there is no such file/, "info", made.path("nowhere"));
  writeFileSync(made.path("text"), "hello, world\n");
  await fail(2, /text: is no capture/, "info", made.path("text"));
  await fail(2, /a.pcap: has no packets/, "import", made.packets("a.pcap", []), "--out", out);
  assert.ok(!existsSync(out));
  truncateSync(path, 20);
  await fail(2, /own/, "info", path);
});

test("a capture without its end is used as far as it goes, with status 1", async (t) => {
  const made = files(t);
  const path = made.own("own");
  const whole = readFileSync(path);
  truncateSync(path, whole.length - 100);
  await fail(1, /no end/, "info", path);
  await fail(1, /no end/, "cut", path, "--out", made.path("out"));
  assert.equal(read(made.path("out")).texts.length, 11);
});

test("--help says how", async () => {
  assert.match(await succeed("--help"), /npm run capture -- info FILE/);
});

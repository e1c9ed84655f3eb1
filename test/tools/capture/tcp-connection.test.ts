// Packets of one pair of ends that are not of one connection, or not all of it: stray resets, ports that are used again.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CLOSED_BY } from "../../../src/capture/capture-record.ts";
import { openCapture } from "../../../src/tools/capture/open-capture.ts";
import { testDirectory } from "../../support/gateway.ts";
import {
  ACK,
  FIN_ACK,
  RST,
  TestConversation,
  type TestSegment,
  writeCapture,
} from "../../support/packet-capture.ts";
import { ENTER, LOGIN, textsOf } from "../../support/recorded-chunks.ts";
import { packet } from "../../support/soup-packets.ts";

const CLIENT_START = 1_000;
const SERVER_START = 5_000;
const PORT = 40_000;
const BEFORE_NS = 1e9;

/** Three orders, all of the connection. */
const session = (atNs = 2 * BEFORE_NS, client = CLIENT_START, server = SERVER_START) =>
  new TestConversation(PORT, atNs, client, server).handshake().client(LOGIN, ENTER, ENTER, ENTER);
const closed = (conversation: TestConversation): TestConversation =>
  conversation.fin(true).fin(false);

function stray(flags: number, sequence: number, ack = 0, atNs = BEFORE_NS): TestSegment {
  const payload = Buffer.alloc(0);
  return { atNs, isFromClient: false, clientPort: PORT, sequence, ack, flags, payload };
}

interface Found {
  /** CONNECT, CLOSE and LOST as they are, chunks by their kinds. */
  readonly records: readonly string[];
  readonly problems: readonly string[];
}

const notesOf = (t: TestContext, segments: readonly TestSegment[]): readonly string[] =>
  readAll(t, segments).notes;

function read(t: TestContext, segments: readonly TestSegment[]): Found {
  const { records, problems } = readAll(t, segments);
  return { records, problems };
}

function readAll(
  t: TestContext,
  segments: readonly TestSegment[],
): Found & { readonly notes: readonly string[] } {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "file.pcap");
  writeCapture(path, segments);
  const source = openCapture(path, { port: undefined });
  const texts = textsOf(source.records());
  const { problems, notes } = source;
  source.close();
  const records = texts.map((text) => {
    const [kind = "", number] = text.split(" ");
    return /^(IN|OUT|CONNECT)/.test(kind) ? `${kind} ${number}` : text;
  });
  return { records, problems, notes };
}

const ORDERS = ["CONNECT 1", "IN 1", "IN 1", "IN 1", "IN 1"];
const WHOLE = [...ORDERS, "END 1", `CLOSE 1 ${CLOSED_BY.CLIENT}`];

test("a reset from where its sender is not changes nothing", (t) => {
  const { segments } = closed(session());
  for (const [index, { atNs }] of segments.entries()) {
    const reset = { ...stray(RST, 3e9, 0, atNs) };
    const strayed = [...segments.slice(0, index), reset, ...segments.slice(index)];
    assert.deepEqual(read(t, strayed), { records: WHOLE, problems: [] }, `before ${index}`);
  }
});

test("what an earlier connection left behind changes nothing", (t) => {
  const { segments } = closed(session());
  const refusal = session().segments.slice(0, 1);
  const [syn] = refusal;
  assert.ok(syn);
  const leftovers: Record<string, TestSegment[]> = {
    "a refusal of the same number": [
      { ...syn, atNs: BEFORE_NS },
      stray(RST | ACK, 0, CLIENT_START + 1),
    ],
    "an acknowledgement of the old stream": [stray(ACK, 777_000, CLIENT_START + 500)],
    "its FIN": [stray(FIN_ACK, 777_000, 888_000)],
  };
  for (const [name, before] of Object.entries(leftovers)) {
    assert.deepEqual(read(t, [...before, ...segments]), { records: WHOLE, problems: [] }, name);
  }
});

test("what an earlier connection still says in the middle of the next one changes nothing", (t) => {
  const { segments } = closed(session());
  const old = { sequence: 777_000_000, ack: 888_000_000 };
  for (const isFromClient of [true, false]) {
    for (const flags of [ACK, FIN_ACK]) {
      for (let index = 1; index <= segments.length; index++) {
        const atNs = segments[index - 1]?.atNs ?? 0;
        const late = { ...stray(flags, old.sequence, old.ack, atNs), isFromClient };
        const found = read(t, [...segments.slice(0, index), late, ...segments.slice(index)]);
        const from = isFromClient ? "client" : "server";
        const name = `flags ${flags} of the ${from} before ${index}`;
        assert.deepEqual(found, { records: WHOLE, problems: [] }, name);
      }
    }
  }
});

test("a reset that overtook the last orders comes behind them", (t) => {
  const conversation = session();
  const before = conversation.segments.length;
  conversation.client(ENTER, ENTER).reset(true);
  const { segments } = conversation;
  const reset = segments.at(-1);
  assert.ok(reset);
  const overtaking = [...segments.slice(0, before), reset, ...segments.slice(before, -1)];
  const close = `CLOSE 1 ${CLOSED_BY.RESET}`;
  const records = [...ORDERS, "IN 1", "IN 1", close];
  assert.deepEqual(read(t, overtaking), { records, problems: [] });
  const lost = segments.filter((_, index) => index !== before);
  const lossText = `LOST 1 {"direction":"in","chunks":0,"bytes":${ENTER.length}}`;
  const found = read(t, lost);
  assert.deepEqual(found.records, [...ORDERS, lossText, "IN 1", close]);
  assert.equal(found.problems.length, 1);
});

test("what comes behind an end that the other side did not believe is told", (t) => {
  const told = ["connection 1: 2 packets behind its end are left out"];
  const reset = session().reset(true).client(ENTER, ENTER);
  assert.deepEqual(notesOf(t, reset.segments), told);
  // A FIN has a number, which whoever asks whether somebody is there sends again, with a byte that is none.
  const finished = session().fin(true);
  const last = finished.segments.at(-1);
  assert.ok(last);
  const asked = { ...last, atNs: last.atNs + 1e9, flags: ACK, payload: Buffer.alloc(1) };
  assert.deepEqual(notesOf(t, [...finished.segments, asked]), []);
  assert.deepEqual(notesOf(t, finished.client(ENTER, ENTER).segments), told);
  // What came before the end and is repeated is none of it.
  const whole = closed(session()).segments;
  const late = whole.map((segment) => ({ ...segment, atNs: segment.atNs + 1e9 }));
  assert.deepEqual(notesOf(t, [...whole, ...late.slice(3)]), []);
});

test("a port that is used again without a handshake in the file is another connection", (t) => {
  const first = closed(session());
  const second = closed(session(4 * BEFORE_NS, 700_000_000, 900_000_000));
  const { records, problems } = read(t, [...first.segments, ...second.segments.slice(3)]);
  assert.deepEqual(records.slice(WHOLE.length), [
    "CONNECT+1 2",
    ...ORDERS.slice(1).map(() => "IN 2"),
    "END 2",
    `CLOSE 2 ${CLOSED_BY.CLIENT}`,
  ]);
  assert.deepEqual(problems, []);
});

test("a handshake with the same numbers much later is another connection's, before and behind its end", (t) => {
  const month = 30 * 86_400e9;
  const orders = ["IN", "IN", "IN", "IN"];
  for (const [first, end] of [
    [closed(session()), ["END 1", `CLOSE 1 ${CLOSED_BY.CLIENT}`]],
    [session(), ["CLOSE 1"]],
  ] as const) {
    const both = [...first.segments, ...session(month).segments];
    // Put together in whatever order.
    for (const segments of [both, both.map((each) => ({ ...each, atNs: 2 * month - each.atNs }))]) {
      const { records } = read(t, segments);
      const numbered = [1, 2].map((number) => ["CONNECT", ...orders].map((k) => `${k} ${number}`));
      assert.deepEqual(records, [...(numbered[0] ?? []), ...end, ...(numbered[1] ?? [])]);
    }
  }
});

test("a handshake that is repeated as late as ends do it is one", (t) => {
  const { segments } = closed(session(200e9));
  const [syn, synAck] = segments;
  assert.ok(syn && synAck);
  const early = [80e9, 140e9].map((atNs) => ({ ...syn, atNs }));
  const late = [210e9, 250e9].flatMap((atNs) => [
    { ...syn, atNs },
    { ...synAck, atNs },
  ]);
  assert.deepEqual(read(t, [...early, ...segments, ...late]), { records: WHOLE, problems: [] });
});

test("a SYN that brings the login along begins one connection, whether the server took that or not", (t) => {
  const [syn, synAck, ack, login, ...others] = closed(session()).segments;
  assert.ok(syn && synAck && ack && login);
  const fast = { ...syn, payload: LOGIN };
  const taken = { ...synAck, ack: CLIENT_START + 1 + LOGIN.length };
  const whole = { records: WHOLE, problems: [] };
  assert.deepEqual(read(t, [fast, taken, ack, ...others]), whole);
  assert.deepEqual(read(t, [fast, synAck, ack, login, ...others]), whole);
});

test("a server that said nothing is not half of a connection that is missing", (t) => {
  const { segments } = closed(session());
  assert.deepEqual(read(t, segments).problems, []);
  const oneSided = segments.filter(({ isFromClient }) => isFromClient);
  assert.match(read(t, oneSided).problems[0] ?? "", /nothing from the server is in the file/);
});

test("what a server that was not recorded said is lost once, when a client breaks off behind a hole", (t) => {
  const conversation = session().server(ENTER).client(ENTER).server(ENTER).client(ENTER);
  const { segments } = conversation.client(ENTER).reset(true);
  // Without its handshake, nobody knows where the server began.
  const oneSided = segments.slice(3).filter(({ isFromClient }) => isFromClient);
  const missing = oneSided.findLast(({ payload }) => payload.length > 0);
  const { records } = read(
    t,
    oneSided.filter((segment) => segment !== missing),
  );
  const bytes = 2 * ENTER.length;
  const lost = (direction: string, count: number): string =>
    `LOST 1 {"direction":"${direction}","chunks":0,"bytes":${count}}`;
  assert.deepEqual(records.slice(-3), [
    lost("in", ENTER.length),
    lost("out", bytes),
    `CLOSE 1 ${CLOSED_BY.RESET}`,
  ]);
});

test("a FIN that was not caught is no byte that was lost", (t) => {
  const { segments } = closed(session());
  const isClientFin = ({ isFromClient, flags }: TestSegment): boolean =>
    isFromClient && flags === FIN_ACK;
  assert.equal(segments.filter(isClientFin).length, 1);
  const { records, problems } = read(
    t,
    segments.filter((segment) => !isClientFin(segment)),
  );
  assert.deepEqual(records.slice(0, ORDERS.length), ORDERS);
  assert.match(records.at(-1) ?? "", /^CLOSE 1/);
  assert.deepEqual(problems, []);
});

test("a login behind a length that no gateway takes is blanked", (t) => {
  const overlong = Buffer.from([0x10, 0x00, 0x55]);
  const conversation = session().client(overlong, LOGIN);
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "file.pcap");
  writeCapture(path, conversation.segments);
  const source = openCapture(path, { port: undefined });
  const last = textsOf(source.records()).at(-1) ?? "";
  source.close();
  assert.equal(last, `IN 1 ${"20".repeat(LOGIN.length)}`);
});

test("the port of a client is not taken for the server's, whatever --port says", (t) => {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "file.pcap");
  // No handshake, and a Debug packet, which either end may send, before the login.
  const conversation = new TestConversation(PORT, 0, 1, 1).client(
    packet("+", "hello"),
    LOGIN,
    ENTER,
  );
  writeCapture(path, conversation.segments);
  assert.throws(() => openCapture(path, { port: PORT }), /no connection to port 40000/);
});

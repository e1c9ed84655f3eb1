import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CLOSED_BY } from "../../../src/capture/capture-record.ts";
import { openCapture, UnusableCapture } from "../../../src/tools/capture/open-capture.ts";
import { TcpConnection } from "../../../src/tools/capture/tcp-connection.ts";
import { testDirectory } from "../../support/gateway.ts";
import {
  BASE_SECONDS,
  captureOf,
  type FileKind,
  frameOf,
  LINKS,
  PLAIN_FILE,
  TestConversation,
  type TestSegment,
  writeCapture,
} from "../../support/packet-capture.ts";
import { readPcap } from "../../support/pcap.ts";
import {
  ACCEPTED,
  BLANKED_LOGIN,
  ENTER,
  LOGIN,
  LOGIN_ACCEPTED,
  streamsOf,
  textsOf,
} from "../../support/recorded-chunks.ts";
import { packet } from "../../support/soup-packets.ts";

function directory(t: TestContext): string {
  const path = testDirectory();
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface Read {
  readonly texts: string[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

function read(
  t: TestContext,
  segments: readonly TestSegment[],
  kind?: FileKind,
  port?: number,
): Read {
  const path = join(directory(t), "file.pcap");
  writeCapture(path, segments, kind);
  const source = openCapture(path, { port });
  const texts = textsOf(source.records());
  const { problems, notes } = source;
  source.close();
  return { texts, problems, notes };
}

const CLIENT = '{"remoteAddress":"2.2.2.2","remotePort":40000}';
const hex = (bytes: Buffer): string => bytes.toString("hex");

const session = (): TestConversation =>
  new TestConversation()
    .handshake()
    .client(LOGIN)
    .server(LOGIN_ACCEPTED)
    .client(ENTER)
    .server(ACCEPTED);

const SESSION_TEXTS = [
  `CONNECT 1 ${CLIENT}`,
  `IN 1 ${hex(BLANKED_LOGIN)}`,
  `OUT 1 ${hex(LOGIN_ACCEPTED)}`,
  `IN 1 ${hex(ENTER)}`,
  `OUT 1 ${hex(ACCEPTED)}`,
];

/** Where the first packet of a pcap file begins. */
const PCAP_RECORD_OFFSET = 40;

test("every kind of link, address and file gives the same records", (t) => {
  const { segments } = session().fin(true).fin(false);
  for (const link of LINKS) {
    for (const isIp6 of [false, true]) {
      for (const isLittle of [false, true]) {
        for (const isPcapng of [false, true]) {
          const kind: FileKind = { link, isIp6, isLittle, isPcapng, isNano: isLittle };
          const { texts, problems } = read(t, segments, kind);
          const [connect = "", ...others] = texts;
          const what = JSON.stringify(kind);
          assert.match(connect, isIp6 ? /"202:202:202:202:202:202:202:202"/ : /"2.2.2.2"/, what);
          assert.deepEqual(
            others,
            [...SESSION_TEXTS.slice(1), "END 1", `CLOSE 1 ${CLOSED_BY.CLIENT}`],
            what,
          );
          assert.deepEqual(problems, []);
        }
      }
    }
  }
});

test("records have the time of their packets, and the file says which moment that was", (t) => {
  const path = join(directory(t), "file.pcap");
  const conversation = session().wait(7e9).client(ENTER);
  writeCapture(path, conversation.segments);
  const source = openCapture(path);
  assert.equal(source.format, "pcap");
  assert.equal(source.info.anchorEpochMs, BASE_SECONDS * 1000);
  assert.equal(source.info.anchorNs, 0);
  const times = Array.from(source.records(), ({ atNs }) => atNs);
  // The handshake is over with its second packet; the third has nothing.
  assert.deepEqual(times, [1000, 3000, 4000, 5000, 6000, 7_000_007_000]);
  source.close();
});

test("Nasdaq's own packets are read as an independent reader reads them", () => {
  for (const name of ["EnterOrderMessage", "CancelOrderMessage", "OrderAcceptedMessage"]) {
    const url = new URL(`../../vectors/nasdaq-ouch50/${name}.pcap`, import.meta.url);
    const [segment] = readPcap(readFileSync(url));
    const source = openCapture(fileURLToPath(url));
    const [streams] = streamsOf(source.records()).values();
    const isFromClient = name !== "OrderAcceptedMessage";
    assert.deepEqual(streams?.[isFromClient ? "in" : "out"], segment?.payload);
    const missing = isFromClient ? "server" : "client";
    assert.deepEqual(source.problems, [`connection 1: nothing from the ${missing} is in the file`]);
    source.close();
  }
});

test("a connection that is under way begins with its next whole packet", (t) => {
  const conversation = new TestConversation()
    .client(ENTER.subarray(20))
    .client(ENTER)
    .server(ACCEPTED, ACCEPTED.subarray(0, 30), ACCEPTED.subarray(30));
  const { texts, problems, notes } = read(t, conversation.segments);
  assert.deepEqual(problems, []);
  assert.deepEqual(texts, [
    `CONNECT+1 1 ${CLIENT}`,
    `IN 1 ${hex(ENTER)}`,
    `OUT 1 ${hex(ACCEPTED)}`,
    `OUT 1 ${hex(ACCEPTED.subarray(0, 30))}`,
    `OUT 1 ${hex(ACCEPTED.subarray(30))}`,
  ]);
  const leading = ENTER.length - 20;
  assert.deepEqual(notes, [
    `connection 1: ${leading} bytes from the client before the first whole packet are left out`,
  ]);
});

test("a port that is used again is another connection", (t) => {
  const first = session().reset(false);
  const second = new TestConversation(40_000, 1e9, 123, 456).handshake().client(LOGIN);
  const third = new TestConversation(40_000, 2e9, 789, 12).handshake().client(ENTER);
  const { texts } = read(t, [...first.segments, ...second.segments, ...third.segments]);
  assert.deepEqual(texts.slice(5), [
    `CLOSE 1 ${CLOSED_BY.RESET}`,
    `CONNECT 2 ${CLIENT}`,
    `IN 2 ${hex(BLANKED_LOGIN)}`,
    "CLOSE 2",
    `CONNECT 3 ${CLIENT}`,
    // Before a login, nothing is let pass that is none.
    `IN 3 ${hex(ENTER.subarray(0, 2))}${"20".repeat(ENTER.length - 2)}`,
  ]);
});

test("each packet twice, as on the interface any, is each packet once", (t) => {
  const { segments } = session().fin(false).fin(true);
  const { texts, problems } = read(
    t,
    segments.flatMap((segment) => [segment, segment]),
  );
  assert.deepEqual(texts, [...SESSION_TEXTS, `CLOSE 1 ${CLOSED_BY.SERVER}`]);
  assert.deepEqual(problems, []);
});

test("what never came is lost, and the stream goes on with a whole packet", (t) => {
  const conversation = session().client(ENTER, ENTER, ENTER).server(ACCEPTED).wait(1e9);
  const before = conversation.segments.length;
  conversation.client(ENTER);
  const segments = conversation.segments.filter((_, index) => index !== before - 4);
  const { texts, problems } = read(t, segments);
  assert.deepEqual(texts.slice(SESSION_TEXTS.length), [
    `OUT 1 ${hex(ACCEPTED)}`,
    `LOST 1 {"direction":"in","chunks":0,"bytes":${ENTER.length}}`,
    `IN 1 ${hex(ENTER)}`,
    `IN 1 ${hex(ENTER)}`,
    `IN 1 ${hex(ENTER)}`,
  ]);
  assert.deepEqual(problems, [`connection 1: ${ENTER.length} bytes from the client are missing`]);
});

test("what a limit of the capture cut off is lost at once", (t) => {
  const long = packet("U", Buffer.concat([ENTER.subarray(3), Buffer.alloc(200)]));
  const kept = 200 - 54 - 16;
  const conversation = session().client(long, ENTER);
  const kind = { ...PLAIN_FILE, snapBytes: 200 };
  const { texts, problems } = read(t, conversation.segments, kind);
  assert.match(problems[0] ?? "", /1 packets were cut off by the capture \(tcpdump -s 0/);
  assert.deepEqual(texts.slice(SESSION_TEXTS.length), [
    `IN 1 ${hex(long.subarray(0, kept))}`,
    `LOST 1 {"direction":"in","chunks":0,"bytes":${long.length - kept}}`,
    `IN 1 ${hex(ENTER)}`,
  ]);
});

test("fragments and packets without their headers are left out, and counted", (t) => {
  const path = join(directory(t), "file.pcap");
  for (const isIp6 of [false, true]) {
    const kind = { ...PLAIN_FILE, isIp6 };
    const frames = session().segments.map((segment) => ({
      atNs: segment.atNs,
      frame: frameOf(segment, kind),
    }));
    // The last order, which the IPv6 header says to be in parts by its extension.
    const order = frames[5]?.frame;
    assert.ok(order);
    const [ip, extension] = [14, 14 + 40];
    if (isIp6) {
      order.writeUInt8(44, ip + 6);
      order.writeUInt16BE(1, extension + 2);
    } else order.writeUInt16BE(0x2000, ip + 6);
    const short = { atNs: 1e6, frame: frameOf(session().segments[0]!, kind).subarray(0, 30) };
    writeFileSync(path, captureOf([...frames, short], kind));
    const source = openCapture(path);
    const texts = textsOf(source.records());
    source.close();
    assert.deepEqual(texts.slice(3), [
      `OUT 1 ${hex(ACCEPTED)}`,
      `LOST 1 {"direction":"in","chunks":0,"bytes":${ENTER.length}}`,
    ]);
    assert.deepEqual(source.problems, [
      "1 fragments of IP packets are left out",
      "1 packets were cut off within their headers (tcpdump -s 0 keeps all)",
      `connection 1: ${ENTER.length} bytes from the client are missing`,
    ]);
  }
});

test("the server is who is spoken to, by what is said, and by --port otherwise", (t) => {
  const foreign = new TestConversation(40_001).client(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  const { segments } = session();
  const none = () => read(t, foreign.segments);
  assert.throws(none, /no connection speaks SoupBinTCP; it has connections to .*--port/);
  const { texts } = read(t, foreign.segments, PLAIN_FILE, 26400);
  assert.match(texts[0] ?? "", /^CONNECT\+1 1 .*40001/);
  assert.throws(() => read(t, segments, PLAIN_FILE, 9), /no connection to port 9; it has .*:26400/);
});

test("several servers are told, and --port takes those of one", (t) => {
  const { segments } = session();
  assert.deepEqual(read(t, segments).notes, []);
  const other = segments.map((segment) => ({ ...segment, serverPort: 26401, clientPort: 40_001 }));
  const both = read(t, [...segments, ...other]);
  assert.equal(both.texts.length, 2 * SESSION_TEXTS.length);
  assert.match(both.notes.join(), /several servers, .*:26400, .*:26401: --port N takes/);
  const one = read(t, [...segments, ...other], PLAIN_FILE, 26400);
  assert.deepEqual([one.texts, one.notes], [SESSION_TEXTS, []]);
});

test("times that go back are told, when they do by more than interfaces differ", (t) => {
  const back = (ns: number): Read => {
    const { segments } = session().wait(5e9).client(ENTER).wait(-ns).server(ACCEPTED);
    return read(t, segments);
  };
  assert.deepEqual(back(0.9e9).problems, []);
  const { texts, problems } = back(3e9);
  assert.deepEqual(texts, [...SESSION_TEXTS, ...SESSION_TEXTS.slice(-2)]);
  assert.match(problems.join(), /^the times of its packets go back by 3.0 s \(reordercap/);
});

test("a recording of one direction is not looked through again with each packet", (t) => {
  const looked = t.mock.method(TcpConnection.prototype, "look");
  const rounds = 20;
  const clients = Array.from({ length: 50 }, (_, index) => {
    const conversation = new TestConversation(40_000 + index).handshake().client(LOGIN);
    for (let round = 0; round < rounds; round++) conversation.server(ACCEPTED).client(ENTER);
    return conversation.segments.filter(({ isFromClient }) => isFromClient);
  });
  const segments = clients.flat().toSorted((a, b) => a.atNs - b.atNs);
  const { texts } = read(t, segments);
  assert.equal(texts.filter((text) => text.startsWith("IN")).length, 50 * (rounds + 1));
  const calls = looked.mock.callCount();
  assert.ok(calls < 3 * segments.length, `${calls} looks for ${segments.length} packets`);
});

test("files that are no captures are refused in one line", (t) => {
  const path = join(directory(t), "file");
  const { segments } = session();
  const refuse = (bytes: Buffer | undefined, pattern: RegExp): void => {
    if (bytes) writeFileSync(path, bytes);
    assert.throws(
      () => openCapture(path),
      (error: unknown) => {
        assert.ok(error instanceof UnusableCapture, String(error));
        assert.match(error.message, pattern);
        assert.ok(!error.message.includes("\n"));
        return true;
      },
    );
  };
  refuse(undefined, /there is no such file/);
  refuse(Buffer.alloc(0), /is empty/);
  refuse(Buffer.from("hello, world"), /is no capture/);
  // Beginnings of files that the tools of these names wrote.
  refuse(Buffer.from("1f8b0800", "hex"), /run gunzip on/);
  refuse(Buffer.from("28b52ffd0458", "hex"), /run zstd -d on/);
  refuse(Buffer.from("fd377a585a000004", "hex"), /run unxz on/);
  refuse(Buffer.from("425a683931415926", "hex"), /run bunzip2 on/);
  refuse(Buffer.from("04224d186440a7", "hex"), /run lz4 -d on/);
  writeCapture(path, []);
  refuse(undefined, /has no packets/);
  writeCapture(path, segments);
  const whole = readFileSync(path);
  refuse(whole.subarray(0, 10), /ends within its header/);
  refuse(whole.subarray(0, 30), /has no packets \(the file ends within a packet at byte 24\)/);
  const other = Buffer.from(whole.subarray(0, PCAP_RECORD_OFFSET + whole.readUInt32LE(32) + 5));
  other.writeUInt16BE(0x0806, PCAP_RECORD_OFFSET + 12);
  refuse(other, /none of its 1 packets is a whole one of TCP \(the file ends within a packet at/);
  const foreign = Buffer.from(whole);
  foreign.writeUInt32LE(147, 20);
  refuse(foreign, /link type 147/);
  assert.throws(() => openCapture(directory(t)), /is a directory/);
});

test("a long block that nobody wants is skipped, and one that lies about its length ends the file", (t) => {
  const path = join(directory(t), "file.pcapng");
  const { segments } = session();
  writeCapture(path, segments, { ...PLAIN_FILE, isPcapng: true });
  const whole = readFileSync(path);
  const lastBytes = whole.readUInt32LE(whole.length - 4);
  const readWith = (blockBytes: number, body: Buffer): { count: number; problems: string } => {
    const block = Buffer.alloc(8);
    block.writeUInt32LE(0xbad, 0);
    block.writeUInt32LE(blockBytes, 4);
    const parts = [whole.subarray(0, -lastBytes), block, body, whole.subarray(-lastBytes)];
    writeFileSync(path, Buffer.concat(parts));
    const source = openCapture(path, { port: undefined });
    const count = [...source.records()].length;
    const problems = source.problems.join();
    source.close();
    return { count, problems };
  };
  const long = Buffer.alloc(0x300000 - 8);
  long.writeUInt32LE(0x300000, long.length - 4);
  assert.deepEqual(readWith(0x300000, long), { count: SESSION_TEXTS.length, problems: "" });
  const fewer = SESSION_TEXTS.length - 1;
  for (const [blockBytes, pattern] of [
    [0xfffffffc, /ends within a block/],
    [0x300000 - 400, /is damaged/],
  ] as const) {
    const { count, problems } = readWith(blockBytes, long);
    assert.equal(count, fewer);
    assert.match(problems, pattern);
  }
});

test("simple packet blocks are packets of the first interface, without a time", (t) => {
  const path = join(directory(t), "file.pcapng");
  const words = (...values: number[]): Buffer => Buffer.from(Uint32Array.from(values).buffer);
  const block = (type: number, body: Buffer): Buffer => {
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
    const blockBytes = padded.length + 12;
    return Buffer.concat([words(type, blockBytes), padded, words(blockBytes)]);
  };
  const frames = session().segments.map((segment) => frameOf(segment, PLAIN_FILE));
  writeFileSync(
    path,
    Buffer.concat([
      block(0x0a0d0d0a, words(0x1a2b3c4d, 1, ~0, ~0)),
      block(1, words(1, 0)), // Ethernet, no limit
      ...frames.map((frame) => block(3, Buffer.concat([words(frame.length), frame]))),
    ]),
  );
  const source = openCapture(path);
  const records = [...source.records()];
  assert.deepEqual(textsOf(records), SESSION_TEXTS);
  assert.deepEqual(new Set(records.map(({ atNs }) => atNs)), new Set([0]));
  assert.deepEqual(source.problems, []);
  source.close();
});

test("a frame of another protocol is none of ours, whatever its bytes look like further on", (t) => {
  const path = join(directory(t), "file.pcap");
  const frames = session().segments.map((segment) => {
    const frame = frameOf(segment, PLAIN_FILE);
    // As one with a VLAN tag has it, but for the tag's type: 802.1AE, whose bytes are for nobody to read.
    const secured = Buffer.concat([frame.subarray(0, 12), Buffer.from("88e50000", "hex")]);
    return [frame, Buffer.concat([secured, frame.subarray(12)])];
  });
  const timed = frames.flatMap(([frame, other], index) => [
    { atNs: index * 2000, frame: other! },
    { atNs: index * 2000 + 1000, frame: frame! },
  ]);
  writeFileSync(path, captureOf(timed, PLAIN_FILE));
  const source = openCapture(path);
  const times = Array.from(source.records(), ({ atNs }) => atNs);
  // Of the plain ones alone: the second packet ends the handshake, the third has nothing.
  assert.deepEqual(times, [3000, 7000, 9000, 11_000, 13_000]);
  source.close();
});

test("a file that was cut off anywhere is read as far as it goes", (t) => {
  const path = join(directory(t), "file");
  const { segments } = session();
  for (const isPcapng of [false, true]) {
    writeCapture(path, segments, { ...PLAIN_FILE, isPcapng });
    const whole = readFileSync(path);
    writeCapture(path, segments.slice(0, 3), { ...PLAIN_FILE, isPcapng });
    const handshakeBytes = readFileSync(path).length;
    writeFileSync(path, whole.subarray(0, handshakeBytes + 5));
    assert.throws(() => openCapture(path), /no connection speaks SoupBinTCP.*ends within/);
    for (let bytes = 0; bytes < whole.length; bytes += 7) {
      writeFileSync(path, whole.subarray(0, bytes));
      try {
        const source = openCapture(path);
        const texts = textsOf(source.records());
        assert.deepEqual(texts, SESSION_TEXTS.slice(0, texts.length));
      } catch (error) {
        assert.ok(error instanceof UnusableCapture, String(error));
      }
    }
  }
});

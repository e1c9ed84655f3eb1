// Connections whose segments hardly ever begin with a packet are known for what they are.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openCapture } from "../../../src/tools/capture/open-capture.ts";
import { StreamSample } from "../../../src/tools/capture/stream-sample.ts";
import type { TcpSegment } from "../../../src/tools/capture/tcp-segment.ts";
import { testDirectory } from "../../support/gateway.ts";
import { TestConversation, writeCapture } from "../../support/packet-capture.ts";
import {
  ACCEPTED,
  ENTER,
  LOGIN,
  LOGIN_ACCEPTED,
  streamsOf,
} from "../../support/recorded-chunks.ts";

const ORDERS = 500;
const SEGMENT_BYTES = 1448;

function* orders(first: Buffer, each: Buffer): Generator<Buffer> {
  yield first;
  for (let order = 0; order < ORDERS; order++) yield each;
}
const SENT = [...orders(LOGIN, ENTER)];
const ANSWERED = [...orders(LOGIN_ACCEPTED, ACCEPTED)];

/** As fast as it can: a segment is as long as the network lets it be. */
function filled(packets: readonly Buffer[]): Buffer[] {
  const bytes = Buffer.concat(packets);
  const segments: Buffer[] = [];
  for (let offset = 0; offset < bytes.length; offset += SEGMENT_BYTES) {
    segments.push(bytes.subarray(offset, offset + SEGMENT_BYTES));
  }
  return segments;
}
/** Each write is a segment, and each packet two writes. */
const halved = (packets: readonly Buffer[]): Buffer[] =>
  packets.flatMap((packet) => [packet.subarray(0, 3), packet.subarray(3)]);

interface Found {
  readonly in: number;
  readonly out: number;
  readonly notes: readonly string[];
}

function read(t: TestContext, conversation: TestConversation): Found {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "file.pcap");
  writeCapture(path, conversation.segments);
  const source = openCapture(path);
  const streams = streamsOf(source.records()).get(1);
  const { notes } = source;
  source.close();
  return { in: streams?.in.length ?? 0, out: streams?.out.length ?? 0, notes };
}

for (const [name, segmentsOf] of Object.entries({ filled, halved })) {
  test(`segments that are ${name} are known, from the beginning or not`, (t) => {
    const sent = segmentsOf(SENT);
    const answered = segmentsOf(ANSWERED);
    const whole = new TestConversation().handshake().client(...sent);
    whole.server(...answered);
    const bytes = (segments: readonly Buffer[]): number => Buffer.concat(segments).length;
    assert.deepEqual(read(t, whole), { in: bytes(sent), out: bytes(answered), notes: [] });
    const rest = new TestConversation().client(...sent.slice(3));
    rest.server(...answered.slice(3));
    const found = read(t, rest);
    assert.ok(found.in > bytes(sent.slice(3)) - ENTER.length, `${found.in} bytes`);
    assert.ok(found.out > bytes(answered.slice(3)) - ACCEPTED.length, `${found.out} bytes`);
    assert.ok(found.notes.every((note) => !note.includes("taken for the server")));
  });
}

const segment = (sequence: number, payload: Buffer): TcpSegment => ({
  source: "",
  target: "",
  sequence: sequence >>> 0,
  ack: 0,
  flags: 0,
  payload,
  missingBytes: 0,
});

test("a sample takes what is new of each segment, across the end of the numbers, and begins anew behind a hole", () => {
  const bytes = Buffer.concat([ENTER, ENTER, ENTER]);
  const first = 2 ** 32 - 20;
  const half = ENTER.length + 5;
  const sample = new StreamSample();
  sample.add(segment(first, bytes.subarray(0, 10)));
  sample.add(segment(first, bytes.subarray(0, 10)));
  sample.add(segment(first + 4, bytes.subarray(4, half)));
  assert.equal(sample.isOf("in"), false);
  sample.add(segment(first + half, bytes.subarray(half)));
  assert.equal(sample.isOf("in"), true);
  assert.equal(sample.isOf("out"), false);

  const holed = new StreamSample();
  holed.add(segment(first, bytes.subarray(0, 10)));
  holed.add(segment(first + ENTER.length, bytes.subarray(ENTER.length)));
  assert.equal(holed.isOf("in"), true);
});

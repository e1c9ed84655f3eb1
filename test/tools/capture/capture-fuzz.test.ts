import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { overviewOf } from "../../../src/tools/capture/capture-overview.ts";
import { openCapture, UnusableCapture } from "../../../src/tools/capture/open-capture.ts";
import { overviewLines } from "../../../src/tools/capture/overview-text.ts";
import { testDirectory } from "../../support/gateway.ts";
import {
  captureOf,
  frameOf,
  PLAIN_FILE,
  SERVER_PORT,
  TestConversation,
  type TestSegment,
  writeCapture,
} from "../../support/packet-capture.ts";
import {
  ACCEPTED,
  BLANKED_LOGIN,
  CLIENT_HEARTBEAT,
  ENTER,
  LOGIN,
  LOGIN_ACCEPTED,
  PASSWORD,
  SERVER_HEARTBEAT,
  type Streams,
  streamsOf,
} from "../../support/recorded-chunks.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";

const seed = fuzzSeed();
const DAMAGED_FILES = 400;
const SHUFFLED_FILES = 40;

interface Talk {
  readonly segments: readonly TestSegment[];
  readonly sent: Buffer;
  readonly got: Buffer;
}

/** A session, cut into segments anywhere. */
function talk(random: SeededRandom, port: number): Talk {
  const conversation = new TestConversation(port, random.below(1e6), random.u32(), random.u32());
  conversation.handshake();
  const sent = [BLANKED_LOGIN];
  const got = [LOGIN_ACCEPTED];
  const cut = (bytes: Buffer): Buffer[] => {
    const at = 1 + random.below(bytes.length - 1);
    return random.chance(3) ? [bytes.subarray(0, at), bytes.subarray(at)] : [bytes];
  };
  conversation.client(...cut(LOGIN)).server(...cut(LOGIN_ACCEPTED));
  for (let count = random.below(30); count > 0; count--) {
    const request = random.pick([ENTER, CLIENT_HEARTBEAT]);
    const answer = random.pick([ACCEPTED, SERVER_HEARTBEAT]);
    conversation.client(...cut(request)).server(...cut(answer));
    sent.push(request);
    got.push(answer);
  }
  if (random.chance(2)) conversation.fin(true).fin(false);
  return { segments: conversation.segments, sent: Buffer.concat(sent), got: Buffer.concat(got) };
}

/** Repeated and out of order, but for the handshakes, as a network would. */
function disturbed(random: SeededRandom, all: readonly TestSegment[]): TestSegment[] {
  const repeated = all.flatMap((segment) => {
    const place = segment.atNs + (segment.flags & 2 ? 0 : random.below(8000));
    return random.chance(5)
      ? [
          { segment, place },
          { segment, place: place + random.below(20_000) },
        ]
      : [{ segment, place }];
  });
  return repeated
    .sort((a, b) => a.place - b.place)
    .map(({ segment, place }) => ({ ...segment, atNs: place }));
}

test(`several connections, disturbed, are what was said (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const directory = testDirectory();
  const path = join(directory, "file");
  for (let round = 0; round < SHUFFLED_FILES; round++) {
    const talks = Array.from({ length: 1 + random.below(5) }, (_, n) => talk(random, 40_000 + n));
    const segments = disturbed(
      random,
      talks.flatMap((each) => each.segments),
    );
    writeCapture(path, segments, { ...PLAIN_FILE, isPcapng: random.chance(2) });
    // Of a single short talk out of order nobody could say what it speaks.
    const source = openCapture(path, { port: SERVER_PORT });
    const texts = (streams: Iterable<Omit<Streams, "lost">>): string[] =>
      Array.from(
        streams,
        (each) => `${each.in.toString("hex")} ${each.out.toString("hex")}`,
      ).sort();
    assert.deepEqual(
      texts(streamsOf(source.records()).values()),
      texts(talks.map(({ sent, got }) => ({ in: sent, out: got }))),
      `round ${round}`,
    );
    assert.deepEqual(source.problems, []);
    source.close();
  }
  rmSync(directory, { recursive: true });
});

test(`a damaged file ends in one line or in records, never otherwise (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  const directory = testDirectory();
  const path = join(directory, "file");
  for (let round = 0; round < DAMAGED_FILES; round++) {
    const kind = { ...PLAIN_FILE, isPcapng: random.chance(2), isLittle: random.chance(2) };
    const { segments } = talk(random, 40_000);
    const frames = segments.map((segment) => ({
      atNs: segment.atNs,
      frame: frameOf(segment, kind),
    }));
    const file = captureOf(frames, kind);
    for (let flips = 1 + random.below(12); flips > 0; flips--) {
      const offset = random.below(file.length);
      file[offset] = random.chance(2)
        ? random.below(256)
        : (file[offset] ?? 0) ^ (1 << random.below(8));
    }
    writeFileSync(path, random.chance(4) ? file.subarray(0, random.below(file.length)) : file);
    try {
      const source = openCapture(path, random.chance(2) ? { port: 26400 } : {});
      overviewLines(path, overviewOf(source));
      source.close();
    } catch (error) {
      assert.ok(error instanceof UnusableCapture, `round ${round}: ${(error as Error).stack}`);
      assert.doesNotMatch(error.message, /\n/);
    }
  }
  rmSync(directory, { recursive: true });
});

test("a login that is cut at every byte leaves no byte of its password", () => {
  const directory = testDirectory();
  const path = join(directory, "file");
  for (let cut = 1; cut < LOGIN.length; cut++) {
    const parts = [LOGIN.subarray(0, cut), LOGIN.subarray(cut)];
    const conversations = [
      new TestConversation().handshake().client(...parts, ENTER),
      // Seen from somewhere on, and with its beginning lost.
      new TestConversation().client(...parts.slice(1), ENTER),
    ];
    const whole = new TestConversation().handshake().client(...parts, ENTER).segments;
    const lossy = whole.filter((_, index) => index !== 3);
    for (const segments of [...conversations.map((each) => each.segments), lossy]) {
      writeCapture(path, segments);
      const source = openCapture(path, { port: 26400 });
      for (const { in: sent } of streamsOf(source.records()).values()) {
        for (let index = 0; index + 3 <= PASSWORD.length; index++) {
          assert.ok(!sent.includes(PASSWORD.slice(index, index + 3)), `cut at ${cut}`);
        }
      }
    }
  }
  rmSync(directory, { recursive: true });
});

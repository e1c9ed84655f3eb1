import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPTURE_FLAG, CAPTURE_KIND, CLOSED_BY } from "../../../src/capture/capture-record.ts";
import { NOBODYS_RANK } from "../../../src/tools/replay/captured-account.ts";
import { CapturedTraffic } from "../../../src/tools/replay/captured-traffic.ts";
import { NOWHERE } from "../../../src/tools/replay/number-map.ts";
import { OUTCOME } from "../../../src/tools/replay/outcome.ts";
import { capturedRate, roundNs } from "../../../src/tools/replay/replay-pace.ts";
import { ENDING, planReplay } from "../../../src/tools/replay/replay-plan.ts";
import { ASKED } from "../../../src/tools/replay/request-reader.ts";
import { accepted, CaptureScript, loggedIn, MILLISECOND_NS } from "../../support/capture-script.ts";
import { cancel, enter, query, replace } from "../../support/replay-script.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";
import { login, packet } from "../../support/soup-packets.ts";
import { executed } from "./scripted-gateway.ts";

const trafficOf = (script: CaptureScript): CapturedTraffic => CapturedTraffic.read(script);

test("a connection becomes its packets without login, heartbeats and what came behind the logout", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login({ userName: "alice" }), enter(3).subarray(0, 20))
    .out(1, loggedIn)
    .in(1, enter(3).subarray(20), packet("R"), cancel(3))
    .out(1, accepted(3))
    .in(1, packet("R"))
    .in(1, query(), packet("O"), enter(4))
    .close(1, CLOSED_BY.SERVER);
  const plan = planReplay(trafficOf(script));
  const [connection] = plan.connections;
  assert.ok(connection !== undefined);
  assert.equal(connection.account.captured.name, "ALICE");
  const body = Buffer.concat([enter(3), cancel(3), query()]);
  assert.deepEqual(connection.stream.subarray(0, body.length), body);
  assert.deepEqual(connection.chunkEnds, [20, enter(3).length + cancel(3).length, body.length]);
  assert.deepEqual(
    connection.chunkAtNs,
    [2, 4, 7].map((milliseconds) => milliseconds * MILLISECOND_NS),
  );
  assert.deepEqual([connection.ending, connection.isFenceAdded], [ENDING.LOGOUT, false]);
  assert.equal(connection.prelude.length, 1);
  // From the chunk that completes the order: nothing before it is more than a beginning.
  assert.equal(plan.startsAtNs, 4 * MILLISECOND_NS);
  assert.ok(Math.abs(capturedRate(plan) - 1000) < 1_000);
  assert.ok(roundNs(plan, { speed: 2, underwayMax: 1 }) > 0);
});

test("where a clock was set back, what follows comes at once, and the time line has a length", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(1))
    .out(1, loggedIn, accepted(1))
    .in(1, enter(2))
    .wait(-86_400_000)
    .in(1, enter(3))
    .out(1, accepted(2), accepted(3));
  const plan = planReplay(trafficOf(script));
  const chunkAtNs = [2, 4, 4].map((milliseconds) => milliseconds * MILLISECOND_NS);
  assert.deepEqual(plan.connections[0]?.chunkAtNs, chunkAtNs);
  assert.deepEqual([plan.startsAtNs, plan.endsAtNs], [chunkAtNs[0], chunkAtNs[2]]);
  assert.ok(capturedRate(plan) > 0);
});

test("numbers become ranks: gaps close, used numbers stay used, and one that was given back is new again", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(5), enter(9), enter(9), enter(7), replace(5, 10))
    .out(1, loggedIn, accepted(5), accepted(9))
    .in(1, enter(10), cancel(10), cancel(7))
    .out(1, accepted(10));
  const { accounts } = trafficOf(script);
  const account = accounts.get("ALICE");
  assert.ok(account !== undefined);
  assert.deepEqual([...account.ranks], [NOWHERE, 0, 1, 1, NOBODYS_RANK, 2, 3, NOWHERE, NOWHERE]);
  assert.deepEqual([...account.targetRanks.subarray(7)], [3, NOBODYS_RANK]);
  assert.equal(account.outcomes[5], OUTCOME.SILENT);
  assert.equal(account.outcomes[7], OUTCOME.UNKNOWN, "the capture ends before its answer");
});

test("a capture that goes on into the next session says where to cut it", () => {
  const next = packet("A", " 20261121B".padEnd(30));
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn, accepted(1))
    .connect(2)
    .in(2, login(), enter(1))
    .out(2, next, accepted(1));
  assert.match(
    trafficOf(script).problems.join(),
    /connection 2 .*session 20261121B, after 20261121A/,
  );
});

test("what a client asks for again counts once; a new session begins anew", () => {
  const loggedInAt = (sequence: number, session = " 20261121A"): Buffer =>
    packet("A", session + String(sequence).padStart(20));
  const execution = executed(1, 30);
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedInAt(1), accepted(1), execution)
    .connect(2)
    .in(2, login())
    // Told to both while one takes over the other, then to the new one alone.
    .out(2, loggedInAt(1), accepted(1), execution, execution)
    .out(1, execution)
    .connect(3)
    .in(3, login(), enter(2))
    .out(3, loggedInAt(3), execution, accepted(2));
  const account = trafficOf(script).accounts.get("ALICE");
  assert.deepEqual([...(account?.outcomes ?? [])], [OUTCOME.ACCEPTED, OUTCOME.ACCEPTED]);
  assert.equal(account?.executions, 2);

  script.connect(4).in(4, login(), enter(1)).out(4, loggedInAt(1, " 20261121B"), accepted(1));
  script.out(4, execution);
  assert.equal(trafficOf(script).accounts.get("ALICE")?.executions, 3);
});

test("an answer to a login that is too short says no session, and nothing breaks", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, packet("A", ""), packet("H", "whatever follows it"));
  const traffic = trafficOf(script);
  assert.deepEqual(traffic.problems, []);
  assert.equal(traffic.connections[0]?.sessionId, "");
});

test("caught in the middle, requests that name unknown orders are left out, and a login is made up", () => {
  const whole = Buffer.concat([enter(50), cancel(49), replace(48, 51), cancel(51), cancel(50)]);
  const script = new CaptureScript()
    .connect(7, {}, CAPTURE_FLAG.MID)
    .in(7, Buffer.from([1, 2, 3]), whole)
    .out(7, accepted(50));
  const traffic = trafficOf(script);
  assert.equal(traffic.unknownOrders, 3);
  const [connection] = planReplay(traffic).connections;
  assert.ok(connection !== undefined);
  assert.equal(connection.account.captured.name, "#7");
  const { requests } = connection.account.captured;
  assert.deepEqual(
    connection.packets.map(({ request }) => requests[request]?.asked),
    [ASKED.ENTER, ASKED.CANCEL],
  );
  assert.match(traffic.problems.join(), /connection 7 \(#7\): 3 bytes before/);
});

test("caught between its connection and its login, a client has not taken over itself", () => {
  const script = new CaptureScript()
    .connect(1, {}, CAPTURE_FLAG.MID)
    .in(1, login())
    .out(1, loggedIn)
    .in(1, enter(1))
    .out(1, accepted(1))
    .in(1, enter(2))
    .out(1, accepted(2));
  const account = trafficOf(script).accounts.get("ALICE");
  assert.deepEqual([...(account?.outcomes ?? [])], [OUTCOME.ACCEPTED, OUTCOME.ACCEPTED]);
});

test("the letters of a name that a terminal would obey are shown as their bytes", () => {
  const request = login({ userName: "" });
  request.write("\x9b2J\x7f", 3, "latin1");
  const script = new CaptureScript().connect(1).in(1, request, enter(1));
  assert.deepEqual([...trafficOf(script).accounts.keys()], ["\\x9b2J\\x7f"]);
});

test("behind lost bytes of a client nothing is replayed, behind lost answers nothing is compared", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn, accepted(1))
    .add(CAPTURE_KIND.LOST, 1, { direction: "out", chunks: 1, bytes: 80 })
    .in(1, enter(2))
    .add(CAPTURE_KIND.LOST, 1, { direction: "in", chunks: 1, bytes: 50 })
    .in(1, enter(4));
  const traffic = trafficOf(script);
  const [connection] = planReplay(traffic).connections;
  assert.equal(connection?.packets.length, 2);
  const account = traffic.accounts.get("ALICE");
  assert.deepEqual([...(account?.outcomes ?? [])], [OUTCOME.ACCEPTED, OUTCOME.UNKNOWN]);
  assert.equal(account?.hasLostAnswers, true);
  assert.match(traffic.problems.join(), /50 bytes of the client are missing/);
});

test("silence behind lost answers means nothing", () => {
  const lost = { direction: "out", chunks: 1, bytes: 80 };
  for (const isLost of [false, true]) {
    const script = new CaptureScript().connect(1).in(1, login(), enter(1), cancel(1), enter(2));
    script.out(1, loggedIn, accepted(1));
    if (isLost) script.add(CAPTURE_KIND.LOST, 1, lost);
    script.out(1, accepted(2));
    const outcomes = [...(trafficOf(script).accounts.get("ALICE")?.outcomes ?? [])];
    const silence = isLost ? OUTCOME.UNKNOWN : OUTCOME.SILENT;
    assert.equal(outcomes[1], silence, `lost: ${isLost}`);
  }
});

test("what the gateway suffered belongs to no connection", () => {
  const script = new CaptureScript()
    .add(CAPTURE_KIND.PRESSURE, 0, { event: "gc", thread: "gate", durationNs: 1e6 })
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn, accepted(1))
    .connect(2)
    .in(2, login({ userName: "bob" }), enter(7))
    .out(2, loggedIn);
  const traffic = trafficOf(script);
  assert.deepEqual(
    traffic.connections.map(({ id }) => id),
    [1, 2],
  );
  assert.deepEqual(traffic.problems, []);
  assert.deepEqual([...(traffic.accounts.get("ALICE")?.outcomes ?? [])], [OUTCOME.ACCEPTED]);
  assert.deepEqual([...(traffic.accounts.get("BOB")?.outcomes ?? [])], [OUTCOME.UNKNOWN]);
});

test("half of a connection is told, and nothing at all is an error", () => {
  const clientOnly = trafficOf(new CaptureScript().connect(1).in(1, login(), enter(1)));
  assert.match(clientOnly.problems.join(), /its answers are not in the capture/);
  assert.equal(planReplay(clientOnly).connections.length, 1);
  const serverOnly = trafficOf(new CaptureScript().connect(1).out(1, loggedIn, accepted(1)));
  assert.match(serverOnly.problems.join(), /the client's side is not in the capture/);
  assert.throws(() => planReplay(serverOnly), /no request of a client/);
  assert.throws(() => planReplay(trafficOf(new CaptureScript())), /no request of a client/);
  const refused = trafficOf(new CaptureScript().connect(1).in(1, login()).out(1, packet("J", "A")));
  assert.match(refused.problems.join(), /login was refused/);
});

test("a connection waits for the account's one before it, and knows when it is taken over", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn, accepted(1))
    .close(1, CLOSED_BY.CLIENT)
    .connect(2)
    .in(2, login(), enter(2))
    .out(2, loggedIn, accepted(2))
    .connect(3)
    .in(3, login(), enter(3))
    .close(2, CLOSED_BY.SERVER);
  const { connections } = planReplay(trafficOf(script));
  assert.deepEqual(
    connections.map(({ predecessor, isTakenOver, ending, prelude }) => [
      predecessor?.id,
      isTakenOver,
      ending,
      prelude.length,
    ]),
    [
      [undefined, false, ENDING.CLIENT_CLOSE, 1],
      [1, true, ENDING.SERVER, 0],
      // One that no answer to the connection before can be taken for.
      [2, false, ENDING.LOGOUT, 1],
    ],
  );
});

test("a connection that is open and silent begins with its login, and takes nobody over before", () => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn, accepted(1))
    .connect(2)
    .in(1, enter(2))
    .close(1, CLOSED_BY.CLIENT)
    .in(2, login().subarray(0, 20))
    .in(2, login().subarray(20), enter(3));
  const { connections, steps } = planReplay(trafficOf(script));
  assert.deepEqual(
    connections.map(({ id, predecessor, isTakenOver }) => [id, predecessor?.id, isTakenOver]),
    [
      [1, undefined, false],
      [2, 1, false],
    ],
  );
  const second = steps.filter(({ connection }) => connection === 1);
  assert.equal(second[0]?.atNs, 8 * MILLISECOND_NS);
});

const seed = fuzzSeed();
test(`whatever bytes a capture has, reading them ends (FUZZ_SEED=${seed})`, () => {
  const random = new SeededRandom(seed);
  const good = [login(), enter(1), cancel(1), replace(1, 2), query(), packet("O"), loggedIn];
  for (let round = 0; round < 200; round++) {
    const script = new CaptureScript();
    for (let step = 0; step < 20; step++) {
      const connection = 1 + random.below(3);
      const bytes = Buffer.concat(Array.from({ length: 3 }, () => random.pick(good)));
      const from = random.below(5);
      const cut = Buffer.from(bytes.subarray(from, from + random.below(bytes.length)));
      if (cut.length > 0 && random.chance(3)) cut[random.below(cut.length)] = random.below(256);
      const kind = random.pick(Object.values(CAPTURE_KIND));
      const flags = random.below(2);
      script.add(kind, connection, random.chance(4) ? {} : cut, flags);
    }
    const traffic = trafficOf(script);
    try {
      planReplay(traffic);
    } catch (error) {
      assert.match(String(error), /no request of a client/);
    }
  }
});

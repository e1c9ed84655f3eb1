import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { decodeFromCompressedBase64 } from "hdr-histogram-js";
import {
  LOGIN_REJECT_REASON,
  writeLoginRejected,
} from "../../../src/protocol/soupbintcp/login-rejected.ts";
import { LOAD_PLAN_DEFAULTS, type LoadPlan } from "../../../src/tools/driver/load-plan.ts";
import type { LoadProgress, LoadResult } from "../../../src/tools/driver/load-result.ts";
import { LoadRun } from "../../../src/tools/driver/load-run.ts";
import { FakeOuchServer, type FakeServerOptions } from "../../support/fake-ouch-server.ts";

async function serverAndPlan(
  t: TestContext,
  options: FakeServerOptions = {},
): Promise<{ server: FakeOuchServer; plan: LoadPlan }> {
  const server = await FakeOuchServer.start(t, options);
  const { port, password } = server;
  const accounts = ["ONE", "TWO", "THREE"].map((user) => ({ user, password }));
  const plan = {
    ...LOAD_PLAN_DEFAULTS,
    host: "127.0.0.1",
    port,
    accounts,
    symbols: ["AAPL", "MSFT"],
    rate: 2_000,
    warmupSeconds: 0.1,
    seconds: 0.4,
    // A test machine may be busy; what is tested here is the bookkeeping.
    lateShareMax: 1,
    drainMsMax: 10_000,
  };
  return { server, plan };
}

/** For what never comes. */
const SHORT_DRAIN = { drainMsMax: 300 };

test("a run sends its rate, matches every answer and explains every silence", async (t) => {
  const { plan } = await serverAndPlan(t);
  const result = await new LoadRun(plan, () => {}).run();
  assert.deepEqual(result.faults, []);
  const { counts } = result;
  assert.ok(Math.abs(counts.sent - 1_000) < 250, `sent ${counts.sent}`);
  assert.equal(counts.accepted + counts.explained, counts.sent);
  assert.equal(counts.unanswered, 0);
  assert.equal(counts.unmatched, 0);
  assert.ok(counts.executions > 0);
  assert.equal(counts.sharesBought, counts.sharesSold);
  assert.ok(result.latency.response.count > 0);
  assert.ok(result.latency.response.count < counts.accepted, "the warm-up is not in the latencies");
  assert.equal(result.latency.response.p999, null, "too few samples for a P999");
});

test("a second run on the same accounts goes on with their numbers", async (t) => {
  const { plan } = await serverAndPlan(t);
  await new LoadRun(plan, () => {}).run();
  const result = await new LoadRun({ ...plan, seed: 2 }, () => {}).run();
  assert.deepEqual(result.faults, []);
});

test("answers cut into single bytes are the same answers", async (t) => {
  const { plan } = await serverAndPlan(t, { pieceBytes: 1 });
  const result = await new LoadRun({ ...plan, rate: 300 }, () => {}).run();
  assert.deepEqual(result.faults, []);
});

test("a lost answer makes the run invalid", async (t) => {
  const { plan } = await serverAndPlan(t, { losesEvery: 50 });
  const result = await new LoadRun({ ...plan, ...SHORT_DRAIN }, () => {}).run();
  assert.equal(result.isValid, false);
  assert.ok(result.counts.unanswered > 0);
  assert.match(result.faults.join(), /never answered/);
});

test("an immediate-or-cancel order that rests makes the run invalid, and no cancel of ours hides it", async (t) => {
  const { plan } = await serverAndPlan(t, { restsEvery: 10 });
  const mix = { enter: 0, take: 100, cancel: 0, replace: 0, modify: 0 };
  const result = await new LoadRun(
    { ...plan, drainMsMax: 2_000, mix, clearsOrders: true },
    () => {},
  ).run();
  assert.equal(result.isValid, false);
  assert.equal(result.counts.unanswered, 0);
  assert.match(
    result.faults.join(),
    /\w+: \d+ immediate-or-cancel orders were accepted and never ended, the first: UserRefNum \d+/,
  );
});

test("an immediate-or-cancel order that ends behind the fence is waited for", async (t) => {
  const { plan } = await serverAndPlan(t, { takesAfterMs: 100 });
  const mix = { enter: 0, take: 100, cancel: 0, replace: 0, modify: 0 };
  const result = await new LoadRun({ ...plan, mix }, () => {}).run();
  assert.deepEqual(result.faults, []);
});

/** Lets `answer` decide whether the so-manieth query of an account is answered, and counts them. */
function watchQueries(server: FakeOuchServer, answer: (count: number) => boolean): number[] {
  const counts = new Map<object, number>();
  const most: number[] = [0];
  const query = server.query.bind(server);
  server.query = (account) => {
    const count = (counts.get(account) ?? 0) + 1;
    counts.set(account, count);
    most[0] = Math.max(most[0] ?? 0, count);
    if (answer(count)) query(account);
  };
  return most;
}

test("a gateway that lost an answer is not flooded with queries", async (t) => {
  const { server, plan } = await serverAndPlan(t, { losesEvery: 50 });
  const most = watchQueries(server, () => true);
  // Time for many of them, also where the machine stands still for a while.
  await new LoadRun({ ...plan, drainMsMax: 2_000 }, () => {}).run();
  // One at login, then one each 20 ms.
  assert.ok(most[0] && most[0] > 3 && most[0] <= 103, `${most[0]} queries of one account`);
});

test("an account is without an answer to its query only when it never had one", async (t) => {
  const { server, plan } = await serverAndPlan(t, { losesEvery: 50 });
  const most = watchQueries(server, (count) => count <= 2);
  const result = await new LoadRun({ ...plan, drainMsMax: 2_000 }, () => {}).run();
  await server.stop();
  assert.equal(most[0], 3);
  assert.doesNotMatch(result.faults.join(), /Account Query/);

  const silent = await serverAndPlan(t);
  watchQueries(silent.server, (count) => count === 1);
  const unanswered = await new LoadRun({ ...silent.plan, ...SHORT_DRAIN }, () => {}).run();
  assert.match(unanswered.faults.join(), /3 accounts had no answer to an Account Query/);
});

test("an execution behind an account's fence is waited for when another's request has caused it", async (t) => {
  const { server, plan } = await serverAndPlan(t);
  const first = server.account("ONE");
  const third = server.account("THREE");
  const send = server.send.bind(server);
  const query = server.query.bind(server);
  const held = { first: [] as Buffer[], third: [] as Buffer[] };
  const queries = new Map<object, number>();
  let packets = 0;
  let hasMatched = false;
  // The third account's requests are still under way when all ask for the first time.
  server.send = (socket, packet) => {
    if (socket === undefined || socket !== third.socket || ++packets < 100) send(socket, packet);
    else held.third.push(packet);
  };
  // The third account's first fence is answered behind that of the first one.
  server.query = (account) => {
    const count = (queries.get(account) ?? 0) + 1;
    queries.set(account, count);
    if (account !== third || count !== 2) query(account);
    const areFenced = [first, third].every((each) => (queries.get(each) ?? 0) >= 2);
    if (hasMatched && account === first) release();
    if (areFenced && !hasMatched) match();
  };
  const match = (): void => {
    // The first account hears of it with the answer to its next fence.
    server.send = (socket, packet) => {
      if (socket === first.socket) held.first.push(packet);
      else send(socket, packet);
    };
    for (const packet of held.third) send(third.socket, packet);
    hasMatched = server.matchResting(first, third);
    query(third);
  };
  const release = (): void => {
    server.send = send;
    for (const packet of held.first.splice(0)) send(first.socket, packet);
  };
  // Of one symbol, and never canceled: or two accounts may have nothing at rest that could match.
  const mix = { enter: 1, take: 0, cancel: 0, replace: 0, modify: 0 };
  const result = await new LoadRun({ ...plan, symbols: ["AAPL"], mix }, () => {}).run();
  assert.ok(hasMatched && held.third.length > 0);
  assert.deepEqual(result.faults, []);
  assert.equal(result.counts.sharesBought, result.counts.sharesSold);
});

test("an answer given twice makes the run invalid", async (t) => {
  const { plan } = await serverAndPlan(t, { repeatsEvery: 50 });
  const result = await new LoadRun(plan, () => {}).run();
  assert.equal(result.isValid, false);
  assert.match(result.faults.join(), /accepted twice/);
});

test("refused orders are counted with their code and stay out of the latencies", async (t) => {
  const { plan } = await serverAndPlan(t, { refusesSymbol: "MSFT" });
  const result = await new LoadRun(plan, () => {}).run();
  assert.deepEqual(result.faults, []);
  assert.ok(result.counts.rejected > 0);
  assert.equal(result.rejectCodes["0017"], result.counts.rejected);
  assert.ok(result.latency.response.count <= result.counts.accepted);
});

test("a run in which nothing was accepted is invalid", async (t) => {
  const { plan } = await serverAndPlan(t, { refusesSymbol: "MSFT" });
  const result = await new LoadRun({ ...plan, symbols: ["MSFT"] }, () => {}).run();
  assert.ok(result.counts.rejected > 0);
  assert.deepEqual([result.faults, result.invalid], [[], ["no request was accepted"]]);
});

test("a connection that is lost ends the run and makes it invalid", async (t) => {
  const { server, plan } = await serverAndPlan(t);
  let hasSaid = false;
  const run = new LoadRun({ ...plan, seconds: 60 }, () => {
    // What became of a request is not why the connection ends.
    if (!hasSaid) server.say("ignored X 323: no live order has that number");
    else server.dropAll();
    hasSaid = true;
  });
  const result = await run.run();
  assert.equal(result.isValid, false);
  assert.match(result.faults.join(), /lost its connection \((?!the gateway said)/);
});

for (const [what, misbehave, reason] of [
  [
    "accepts a login twice",
    (server: FakeOuchServer) => server.acceptAgain("TWO"),
    "the server accepted the login twice",
  ],
  [
    "goes on after End of Session",
    (server: FakeOuchServer) => server.endSession("TWO"),
    "the server sent a message after End of Session",
  ],
] as const) {
  test(`a server that ${what} ends the run and makes it invalid`, async (t) => {
    const { server, plan } = await serverAndPlan(t);
    const run = new LoadRun({ ...plan, ...SHORT_DRAIN, seconds: 60 }, () => misbehave(server));
    const result = await run.run();
    assert.equal(result.isValid, false);
    assert.ok(result.seconds < 10);
    assert.equal(result.faults[0], `TWO lost its connection (${reason})`);
  });
}

test("a run that is stopped still reports, with a line of progress each second", async (t) => {
  const { plan } = await serverAndPlan(t);
  const lines: LoadProgress[] = [];
  const run: LoadRun = new LoadRun({ ...plan, warmupSeconds: 0, seconds: 60 }, (progress) => {
    lines.push(progress);
    run.stop();
  });
  const result = await run.run();
  assert.equal(lines.length, 1);
  assert.ok((lines[0]?.sentRate ?? 0) > 0);
  assert.deepEqual(result.faults, []);
  assert.ok(result.seconds < 10);
});

test("what was sent since the last whole second has a line of its own", async (t) => {
  const { plan } = await serverAndPlan(t);
  const lines: LoadProgress[] = [];
  const run = new LoadRun({ ...plan, warmupSeconds: 0, seconds: 0.6 }, (line) => lines.push(line));
  const { counts } = await run.run();
  assert.deepEqual(
    lines.map(({ second, phase }) => [second, phase]),
    [[1, "measured"]],
  );
  const { sentRate = 0 } = lines[0] ?? {};
  assert.ok(sentRate > 0 && sentRate * 0.6 <= counts.sent);
});

test("a run that clears its orders leaves none, and does not count that", async (t) => {
  const { server, plan } = await serverAndPlan(t);
  const result = await new LoadRun({ ...plan, clearsOrders: true }, () => {}).run();
  const open = [...server.accounts.values()].flatMap(({ orders }) =>
    [...orders.values()].filter((order) => order.open > 0),
  );
  assert.deepEqual(result.faults, []);
  assert.equal(open.length, 0);
  const { counts } = result;
  assert.equal(counts.accepted + counts.explained, counts.sent);
});

test("an Account Query answered twice is told as that, at login and at the end", async (t) => {
  for (const twice of [1, 2]) {
    const { server, plan } = await serverAndPlan(t);
    const query = server.query.bind(server);
    const counts = new Map<object, number>();
    server.query = (account) => {
      const count = (counts.get(account) ?? 0) + 1;
      counts.set(account, count);
      for (let answers = 0; answers < (count === twice ? 2 : 1); answers++) query(account);
    };
    const result = await new LoadRun(plan, () => {}).run();
    assert.match(result.faults.join(), /3 messages .* an Account Query was answered twice/);
    assert.doesNotMatch(result.faults.join(), /no answer/);
  }
});

test("a login that is refused ends it although the gateway does not close", async (t) => {
  const { plan } = await serverAndPlan(t);
  const gateway = net.createServer((socket) => {
    socket.once("data", () => {
      const bytes = Buffer.alloc(16);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      socket.write(
        bytes.subarray(0, writeLoginRejected(view, 0, LOGIN_REJECT_REASON.NOT_AUTHORIZED)),
      );
    });
    socket.on("error", () => {});
  });
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
  const { port } = gateway.address() as net.AddressInfo;
  await assert.rejects(new LoadRun({ ...plan, port }, () => {}).run(), /login refused, reason A/);
  gateway.close();
});

test("a wrong password is told with its reason", async (t) => {
  const { plan } = await serverAndPlan(t);
  const accounts = [{ user: "ONE", password: "WRONG" }];
  await assert.rejects(
    new LoadRun({ ...plan, accounts }, () => {}).run(),
    /login refused, reason A/,
  );
});

test("ramp, warm-up and cool-down are sent and not measured", async (t) => {
  const { plan } = await serverAndPlan(t);
  const parts = { rampSeconds: 0.2, warmupSeconds: 0.1, seconds: 0.2, cooldownSeconds: 0.1 };
  const run = new LoadRun({ ...plan, arrivals: "constant", ...parts }, () => {});
  const result = await run.run();
  assert.deepEqual(result.faults, []);
  // 2,000 a second: 200 while the rate rises, 200 of warm-up, 400 measured, 200 behind them.
  assert.equal(result.counts.sent, 1_000);
  assert.equal(Math.round(result.rate.sent), 2_000);
  assert.equal(result.seconds.toFixed(3), "0.200");
  assert.equal(result.series.length, 1);
  assert.equal(result.series[0]?.sent, 400);
  assert.ok(result.latency.response.count <= 400);
  assert.ok(result.latency.response.count > 300, `${result.latency.response.count} answers`);
});

test("a run of a count measures that many, and ends with its burst", async (t) => {
  const { plan } = await serverAndPlan(t);
  const count = { countMax: 330, seconds: 0.165, warmupSeconds: 0.05, cooldownSeconds: 0.05 };
  const plain = await new LoadRun({ ...plan, ...count, arrivals: "constant" }, () => {}).run();
  const bursts = { ...plan, ...count, arrivals: "bursts", burstSize: 50 } as const;
  const inBursts = await new LoadRun({ ...bursts, seed: 2 }, () => {}).run();
  const measured = (result: LoadResult): number => Math.round(result.rate.sent * result.seconds);
  assert.deepEqual([measured(plain), measured(inBursts)], [330, 350]);
  assert.deepEqual([...plain.invalid, ...inBursts.invalid], []);
});

test("a burst beyond what the run's rate would need is sent whole, and the run ends", async (t) => {
  const { plan } = await serverAndPlan(t);
  const accounts = plan.accounts.slice(0, 1);
  const bursts = { arrivals: "bursts", burstSize: 2_000, warmupSeconds: 0, accounts } as const;
  const count = { countMax: 10, seconds: 0.005 };
  const result = await new LoadRun({ ...plan, ...bursts, ...count }, () => {}).run();
  assert.equal(result.counts.sent, 2_000);
  assert.deepEqual(result.invalid, []);
});

test("a message that could not be sent ends the run and makes it invalid", async (t) => {
  const { plan } = await serverAndPlan(t);
  // No plan leads to that; accounts with the numbers of a shorter one do.
  const longer = { ...plan, warmupSeconds: 0, countMax: 1 };
  const run = new LoadRun(longer, () => {});
  longer.countMax = 1_000_000;
  const result = await run.run();
  assert.match(result.invalid.join(), /could not send a message that was due/);
  assert.deepEqual(result.faults, []);
});

test("each second of the measured part is told, and together they are all answers", async (t) => {
  const { plan } = await serverAndPlan(t);
  // Each of them long enough not to be slept through: what a stall leaves of a second is told with the next.
  const run = new LoadRun({ ...plan, rate: 200, seconds: 2.9 }, () => {});
  const result = await run.run();
  assert.deepEqual(
    result.series.map(({ second }) => second),
    [0, 1, 2],
  );
  const sent = result.series.reduce((sum, second) => sum + second.sent, 0);
  assert.equal(sent, Math.round(result.rate.sent * result.seconds));
  const whole = decodeFromCompressedBase64(result.histogram);
  assert.equal(whole.totalCount, result.latency.response.count);
  assert.equal(run.intervals.length, 3);
});

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CLOSED_BY } from "../../../src/capture/capture-record.ts";
import { CapturedTraffic } from "../../../src/tools/replay/captured-traffic.ts";
import { ReplayClock } from "../../../src/tools/replay/replay-clock.ts";
import { ReplayConnection } from "../../../src/tools/replay/replay-connection.ts";
import { planReplay } from "../../../src/tools/replay/replay-plan.ts";
import { ReplayRun } from "../../../src/tools/replay/replay-run.ts";
import type { ReplaySettings } from "../../../src/tools/replay/replay-settings.ts";
import { accepted, CaptureScript, loggedIn } from "../../support/capture-script.ts";
import { enter, query } from "../../support/replay-script.ts";
import { fuzzSeed, SeededRandom } from "../../support/seeded-random.ts";
import { login, packet } from "../../support/soup-packets.ts";
import {
  executed,
  type PacketHook,
  type ScriptedClient,
  ScriptedGateway,
} from "./scripted-gateway.ts";

const AS_FAST_AS_POSSIBLE = { speed: Number.POSITIVE_INFINITY, underwayMax: 1000 };

/** A replay of ALICE against a gateway that a hook has changed. */
async function runOf(
  t: TestContext,
  script: CaptureScript,
  settings: Partial<ReplaySettings> = {},
  hook?: PacketHook,
): Promise<{ run: ReplayRun; gateway: ScriptedGateway }> {
  const gateway = await ScriptedGateway.start(t, hook);
  const user = { user: "ALICE", password: "DEMO" };
  const all = {
    target: gateway.address,
    pace: AS_FAST_AS_POSSIBLE,
    rounds: 1,
    warmupSeconds: 0,
    lateNsMax: 1e12,
    lateShareMax: 1,
    drainMsMax: 5_000,
    users: new Map([["ALICE", user]]),
    ...settings,
  };
  const run = new ReplayRun(planReplay(CapturedTraffic.read(script)), all, () => {});
  return { run, gateway };
}

/** Each login ends the connection before, as a gateway's takeover does. */
function takesOver(): PacketHook {
  let active: ScriptedClient | undefined;
  return (client, kind) => {
    if (kind === "L") {
      active?.socket.end();
      active = client;
    }
    return false;
  };
}

/** Calls it when the run has looked so many more times at how long it waits. */
function afterLooks(t: TestContext, looks: number, release: () => void): void {
  let left = looks;
  const look = ReplayConnection.prototype.heartbeat;
  const mocked = t.mock.method(ReplayConnection.prototype, "heartbeat");
  mocked.mock.mockImplementation(function (this: ReplayConnection, nowNs: number): void {
    look.call(this, nowNs);
    if (--left === 0) release();
  });
}

test("as fast as possible, steps of a connection that is over are passed over", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(1))
    .out(1, loggedIn, accepted(1))
    .connect(2)
    .in(2, login())
    .out(2, loggedIn)
    .close(1, CLOSED_BY.SERVER);
  // Long enough for the first one to hear of it; what it still sent then cannot be sent.
  for (let number = 2; number < 20; number++) script.in(2, enter(number));
  script.in(1, enter(20)).in(1, enter(21)).in(2, query(), packet("O"));
  const pace = { ...AS_FAST_AS_POSSIBLE, underwayMax: 1 };
  const { run } = await runOf(t, script, { pace }, takesOver());
  const omitted = t.mock.method(run.record, "onOmitted").mock;
  await run.run();
  assert.deepEqual(run.record.losses, []);
  assert.deepEqual([run.unsentPackets, run.result().counts.sent], [2, 19]);
  assert.equal(omitted.callCount(), 2);
});

test("requests that OUCH does not answer make room for others all the same", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login()).out(1, loggedIn);
  for (let number = 1; number <= 5; number++) {
    const next = enter(number + 1);
    script.in(1, enter(number)).in(1, packet("U", "?what"), enter(number));
    script.in(1, packet("U", "?what"), next.subarray(0, 9)).in(1, next.subarray(9));
  }
  const pace = { ...AS_FAST_AS_POSSIBLE, underwayMax: 1 };
  const { run } = await runOf(t, script.in(1, packet("O")), { pace });
  await run.run();
  const { sent, accepted, explained, unanswered, unmatched } = run.result().counts;
  assert.deepEqual([sent, accepted, explained, unanswered, unmatched], [25, 6, 19, 0, 0]);
});

test("as fast as possible, a target that answers nothing more ends the replay", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login()).out(1, loggedIn);
  for (let number = 1; number <= 5; number++) script.in(1, enter(number));
  const pace = { ...AS_FAST_AS_POSSIBLE, underwayMax: 2 };
  let entered = 0;
  const isDeaf: PacketHook = (_, kind) => {
    if (kind === "UO") entered++;
    return entered > 2 && kind !== "O";
  };
  const { run } = await runOf(t, script, { pace, drainMsMax: 300 }, isDeaf);
  await run.run();
  const { faults, counts } = run.result();
  assert.match(faults[0] ?? "", /^nothing was answered for 0.3 s$/);
  assert.deepEqual([counts.sent, counts.accepted, counts.unanswered], [4, 2, 2]);
});

test("as fast as possible, an Account Query without an answer at a later login ends it too", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query(), enter(1));
  script.out(1, loggedIn, accepted(1)).in(1, packet("O")).close(1, CLOSED_BY.SERVER);
  script.connect(2).in(2, login(), query(), enter(2)).in(2, enter(3));
  const isDeaf: PacketHook = (client, kind) => client.index === 1 && kind === "UQ";
  const { run } = await runOf(t, script, { drainMsMax: 300 }, isDeaf);
  await run.run();
  assert.match(run.result().faults.join(), /^nothing was answered for 0.3 s/);
});

test("a target that takes its time is waited for, while there is something to send and at the end", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 4; number++) script.in(1, enter(number));
  for (const [last, speed] of [
    [2, Number.POSITIVE_INFINITY],
    [4, 1],
  ] as const) {
    let entered = 0;
    const isSlow: PacketHook = (client, kind, text, gateway) => {
      if (kind !== "UO" || ++entered !== last) return false;
      afterLooks(t, 4, () => gateway.onEnter(client, text));
      return true;
    };
    const pace = { speed, underwayMax: 1 };
    const { run } = await runOf(t, script, { pace, drainMsMax: 60_000 }, isSlow);
    await run.run();
    t.mock.restoreAll();
    const { losses } = run.record;
    const { accepted: answered, unanswered } = run.result().counts;
    assert.deepEqual([losses, answered, unanswered], [[], 4, 0], `the ${last}th was late`);
  }
});

test("who owes an answer at the end is given up after the time for it, and logged out", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query(), enter(1)).out(1, loggedIn);
  const owes: PacketHook = (_, kind) => kind === "UO";
  const pace = { speed: 1, underwayMax: 1 };
  const { run, gateway } = await runOf(t, script, { pace, drainMsMax: 300 }, owes);
  await run.run();
  assert.deepEqual(run.record.losses, []);
  assert.equal(run.result().counts.unanswered, 1);
  assert.equal(gateway.kinds.at(-1), "O");
});

test("a client that says nothing for a second says that it lives", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query(), enter(1)).out(1, loggedIn);
  const pace = { ...AS_FAST_AS_POSSIBLE, underwayMax: 1 };
  let heard = "";
  const holds: PacketHook = (client, kind, text, gateway) => {
    if (kind !== "UO" || heard !== "") return false;
    client.socket.once("data", (chunk: Buffer) => {
      heard = chunk.toString("hex");
      gateway.onEnter(client, text);
    });
    return true;
  };
  const { run } = await runOf(t, script.in(1, enter(2)), { pace, drainMsMax: 60_000 }, holds);
  await run.run();
  assert.equal(heard, packet("R").toString("hex"));
});

test("a login that is answered in too few bytes, or without a number, or a question that is not, ends it before anything is sent", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query(), enter(1)).out(1, loggedIn);
  const isShort: PacketHook = (client, kind) => {
    if (kind === "L") client.socket.write(packet("A", "20261121A"));
    return kind === "L";
  };
  const { run } = await runOf(t, script, {}, isShort);
  await assert.rejects(run.run(), /the server accepted the login in too few bytes/);
  const noNumber = await runOf(t, script, {}, (client, kind) => {
    if (kind === "L") client.socket.write(packet("A", " 20261121A".padEnd(30, "?")));
    return kind === "L";
  });
  await assert.rejects(noNumber.run.run(), /accepted the login without the number of its next/);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const mute = await runOf(t, script, {}, (_, kind) => {
    if (kind === "UQ") t.mock.timers.tick(30_000);
    return kind === "UQ";
  });
  await assert.rejects(mute.run.run(), /ALICE had no answer to an Account Query within/);
});

test("a login that fails in a later round makes the replay invalid, and what was sent is told", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query(), enter(1)).out(1, loggedIn);
  const isFull: PacketHook = (client, kind) => {
    if (client.index === 0 || kind !== "L") return false;
    client.socket.end(packet("J", "A"));
    return true;
  };
  const { run } = await runOf(t, script, { rounds: 3 }, isFull);
  await run.run();
  const { faults, counts } = run.result();
  assert.match(faults.join(), /^ALICE lost its connection \(login refused, reason A\)$/);
  assert.deepEqual([counts.sent, counts.accepted], [1, 1]);
});

test("what both connections of a takeover are told counts once", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(1))
    .out(1, loggedIn, accepted(1))
    .connect(2)
    .in(2, login())
    .out(2, loggedIn)
    .close(1, CLOSED_BY.SERVER)
    .in(2, query(), packet("O"));
  let active: ScriptedClient | undefined;
  // The second one has asked for what follows the order; the first one is told so much more before it goes.
  const tellsBoth: PacketHook = (client, kind, _, gateway) => {
    if (kind !== "L") return false;
    if (active !== undefined) {
      gateway.tell(active, executed(1, 30));
      gateway.tell(active, executed(1, 30));
      active.socket.end();
    }
    active = client;
    return false;
  };
  const pace = { ...AS_FAST_AS_POSSIBLE, underwayMax: 1 };
  const { run } = await runOf(t, script, { pace }, tellsBoth);
  await run.run();
  const { executions, sharesBought, unmatched } = run.result().counts;
  assert.deepEqual([executions, sharesBought, unmatched], [2, 60, 0]);
});

test("who is stopped where the capture is calm has not missed the rate of what would have come", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 8; number++) script.wait(99).in(1, enter(number));
  // So calm that a machine may stand still for a while, too.
  script.wait(5_000);
  for (let number = 9; number <= 2_000; number++) script.in(1, enter(number));
  let stop = (): void => {};
  let orders = 0;
  const pace = { speed: 1, underwayMax: 1 };
  const { run } = await runOf(t, script, { pace }, (_, kind) => {
    if (kind === "UO" && ++orders === 8) stop();
    return false;
  });
  stop = () => run.stop();
  await run.run();
  const { invalid, rate, counts } = run.result();
  assert.deepEqual([invalid, counts.sent], [[], 8]);
  assert.ok(rate.asked < 20, `${rate.asked}/s`);
});

test("messages that are none of the protocol make the replay invalid, and are told", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(1), packet("O"))
    .out(1, loggedIn, accepted(1));
  const { run } = await runOf(t, script, {}, (client, kind, _, gateway) => {
    if (kind === "UO") {
      gateway.tell(client, packet("S", "~what is this"));
      gateway.tell(client, packet("S", `E${"\xff".repeat(40)}`));
    }
    return false;
  });
  await run.run();
  const { isValid, counts, unmatched } = run.result();
  assert.deepEqual([isValid, counts.accepted, counts.unmatched], [false, 1, 2]);
  assert.match(unmatched[0] ?? "", /ALICE: a message of unknown type 0x7e/);
  assert.match(unmatched[1] ?? "", /ALICE: a message of type 0x45 has 4[0-9]+ bytes/);
});

test("what a takeover left unread is explained, in the capture and in the replay", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn, accepted(1))
    .wait(50)
    .connect(2)
    .in(2, login())
    .in(1, enter(2), query())
    .out(2, loggedIn)
    .in(1, enter(3))
    .close(1, CLOSED_BY.SERVER)
    // The number is still free, as nobody has read it.
    .in(2, enter(2))
    .out(2, accepted(2))
    .wait(10)
    .in(2, packet("O"));
  const drops = takesOver();
  let entered = 0;
  const reads: PacketHook = (client, kind, text, gateway) => {
    if (kind === "UO") entered++;
    const isDropped = client.index === 0 && entered > 1;
    return isDropped || drops(client, kind, text, gateway);
  };
  for (const speed of [1, Number.POSITIVE_INFINITY]) {
    const pace = { speed, underwayMax: 1 };
    entered = 0;
    const { run } = await runOf(t, script, { pace }, reads);
    await run.run();
    const { faults, counts } = run.result();
    assert.deepEqual(faults, []);
    assert.deepEqual([counts.accepted, counts.unanswered, counts.unmatched], [2, 0, 0]);
    assert.deepEqual(run.differences.list(), []);
  }
});

/** Reads late: of a connection that is taken over only some packets, and the next one is told what became of them. */
function readsLate(random: SeededRandom): PacketHook {
  let active: ScriptedClient | undefined;
  let unread: ((hearer: ScriptedClient | undefined) => void)[] = [];
  const readOne = (client: ScriptedClient, turns: number): void => {
    if (client !== active) return;
    if (turns > 0) setImmediate(readOne, client, turns - 1);
    else unread.shift()?.(client);
  };
  return (client, kind, text, gateway) => {
    if (kind === "L") {
      const readCount = random.below(unread.length + 1);
      const heardCount = random.below(readCount + 1);
      for (const [index, read] of unread.slice(0, readCount).entries()) {
        read(index < heardCount ? active : undefined);
      }
      unread = [];
      active?.socket.end();
      active = client;
      return false;
    }
    if (client !== active) return true;
    unread.push((hearer) => gateway.answer(hearer, kind, text));
    setImmediate(readOne, client, random.below(50));
    return true;
  };
}

/** Up to six logins of an account within milliseconds; each connection goes on for a while when another has come. */
function manyTakeovers(random: SeededRandom): CaptureScript {
  const script = new CaptureScript();
  let number = 1;
  const ask = (connection: number): void => {
    const kind = random.below(4);
    if (kind === 0) script.in(connection, query());
    else if (kind === 1) script.in(connection, enter(Math.max(1, number - 1)));
    else script.in(connection, enter(number++));
  };
  const last = 2 + random.below(5);
  for (let connection = 1; connection <= last; connection++) {
    script.connect(connection).in(connection, login());
    for (let count = random.below(4); count > 0 && connection > 1; count--) ask(connection - 1);
    script.out(connection, loggedIn);
    if (connection > 1) script.close(connection - 1, CLOSED_BY.SERVER);
    for (let count = random.below(6); count > 0; count--) ask(connection);
  }
  return script.in(last, enter(number), packet("O"));
}

const takeoverSeed = fuzzSeed();
test(`takeovers with queries under way leave nothing unexplained (FUZZ_SEED=${takeoverSeed})`, async (t) => {
  const random = new SeededRandom(takeoverSeed);
  for (let round = 0; round < 30; round++) {
    const script = manyTakeovers(random);
    const pace = { speed: 100, underwayMax: 1 };
    const { run, gateway } = await runOf(t, script, { pace }, readsLate(random));
    await run.run();
    const { invalid, counts } = run.result();
    assert.deepEqual(invalid, [], `round ${round}: ${gateway.kinds.join(" ")}`);
    assert.equal(counts.accepted, gateway.accepted, `round ${round}`);
  }
});

test("what a connection did not hear before the gateway ended it, the account's next one is told", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), enter(1))
    .out(1, loggedIn)
    .in(1, enter(2), packet("X"))
    .close(1, CLOSED_BY.SERVER)
    .connect(2)
    .in(2, login(), query(), enter(3), packet("O"))
    .out(2, loggedIn, accepted(1), accepted(2));
  let orders = 0;
  const { run } = await runOf(t, script, {}, (client, kind, _, gateway) => {
    if (kind !== "UO" || ++orders !== 2) return false;
    client.socket.destroy();
    gateway.onEnter(client, "U:O\0\0\0\x02");
    return true;
  });
  await run.run();
  const { invalid, counts } = run.result();
  assert.deepEqual([invalid, counts.accepted, counts.unmatched], [[], 3, 0]);
});

/** "0:L 0:UO …": what each connection sent. */
function sentBy(heard: string[], hook?: PacketHook): PacketHook {
  return (client, kind, text, gateway) => {
    heard.push(`${client.index}:${kind}`);
    return hook?.(client, kind, text, gateway) ?? false;
  };
}

test("a replay that is stopped around a takeover leaves nothing unexplained", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    // The second one is OUCH's to be silent about.
    .in(1, login(), query(), enter(1), enter(1))
    .out(1, loggedIn, accepted(1))
    .wait(10)
    .connect(2)
    .in(2, login())
    .out(2, loggedIn)
    .close(1, CLOSED_BY.SERVER)
    .in(2, query(), enter(2), query(), packet("O"));
  const pace = { speed: 1, underwayMax: 1 };
  // Before the other login is sent, and behind it, when what it asks first has no answer yet.
  for (const [index, stopsAt] of ["UO", "UQ"].entries()) {
    let stop = (): void => {};
    const takes = takesOver();
    const { run } = await runOf(t, script, { pace }, (client, kind, text, gateway) => {
      if (client.index !== index || kind !== stopsAt) return takes(client, kind, text, gateway);
      stop();
      return index === 1;
    });
    stop = () => run.stop();
    await run.run();
    const { faults, counts } = run.result();
    assert.deepEqual([faults, counts.unanswered, counts.explained], [[], 0, 1], stopsAt);
  }
});

test("a replay that is stopped behind its last step waits for the answers that are on their way", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  script.in(1, enter(1)).in(1, enter(2), query(), packet("O"));
  let stop = (): void => {};
  let held = (): void => {};
  const { run } = await runOf(t, script, { pace: { speed: 1, underwayMax: 1 } }, (...heard) => {
    const [client, kind, text, gateway] = heard;
    if (kind !== "UQ" || gateway.accepted < 2) return false;
    held = () => gateway.answer(client, kind, text);
    return true;
  });
  stop = () => run.stop();
  afterLooks(t, 3, () => stop());
  afterLooks(t, 6, () => held());
  await run.run();
  const { faults, counts } = run.result();
  assert.deepEqual([faults, counts.accepted], [[], 2]);
});

test("a connection that is taken over is left to the gateway, however long that takes", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(1))
    .out(1, loggedIn)
    .connect(2)
    .in(2, login())
    .out(2, loggedIn)
    .close(1, CLOSED_BY.SERVER)
    .in(2, query(), enter(2), query(), packet("O"));
  const heard: string[] = [];
  let first: ScriptedClient | undefined;
  const hook = sentBy(heard, (client) => {
    first ??= client;
    return false;
  });
  afterLooks(t, 6, () => first?.socket.end());
  const { run } = await runOf(t, script, { pace: { speed: 1, underwayMax: 1 } }, hook);
  await run.run();
  assert.deepEqual(run.result().invalid, []);
  const sent = heard.filter((each) => each.startsWith("0:"));
  assert.deepEqual(sent, ["0:L", "0:UQ", "0:UO"]);
});

test("a target that lets nobody in is told before anything is sent, whatever ended the captured connections", async (t) => {
  const taken = new CaptureScript()
    .connect(1)
    .in(1, login(), query())
    .out(1, loggedIn)
    .connect(2)
    .in(2, login())
    .out(2, loggedIn)
    .close(1, CLOSED_BY.SERVER)
    .wait(10)
    .in(2, enter(1), packet("O"));
  const closed = new CaptureScript().connect(1).in(1, login(), enter(1)).close(1, CLOSED_BY.SERVER);
  for (const script of [taken, closed]) {
    for (const kind of ["L", "UQ"]) {
      const { run, gateway } = await runOf(t, script, {}, (client, heard) => {
        if (heard === kind) client.socket.destroy();
        return heard === kind;
      });
      await assert.rejects(run.run(), /^Error: could not log in: ALICE lost its connection/);
      assert.equal(gateway.accepted, 0);
    }
  }
});

test("a takeover comes behind what the one before was to send", async (t) => {
  const script = new CaptureScript()
    .connect(1)
    .in(1, login(), query(), enter(1), query(), packet("O"))
    .out(1, loggedIn)
    .close(1, CLOSED_BY.SERVER)
    .connect(2)
    .in(2, login(), enter(2))
    .connect(3)
    .in(3, login())
    .close(2, CLOSED_BY.SERVER)
    .in(3, query(), enter(3), query(), packet("O"));
  const heard: string[] = [];
  const takes = takesOver();
  let held: (() => void) | undefined;
  const hook = sentBy(heard, (client, kind, text, gateway) => {
    if (client.index !== 1 || kind !== "L" || held !== undefined)
      return takes(client, kind, text, gateway);
    held = () => {
      takes(client, kind, text, gateway);
      gateway.onLogin(client, text);
    };
    return true;
  });
  afterLooks(t, 6, () => held?.());
  const { run } = await runOf(t, script, { pace: { speed: 1, underwayMax: 1 } }, hook);
  await run.run();
  const { invalid, counts } = run.result();
  assert.deepEqual([invalid, counts.accepted], [[], 3]);
  assert.ok(heard.indexOf("1:UO") < heard.indexOf("2:L"), heard.join(" "));
});

test("as fast as possible, rounds follow each other on the time line", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login()).out(1, loggedIn);
  for (let number = 1; number <= 20; number++) script.in(1, enter(number));
  const { run } = await runOf(t, script, { rounds: 10 });
  const beganAtMs = performance.now();
  await run.run();
  const lastedSeconds = (performance.now() - beganAtMs) / 1e3;
  const { isValid, seconds, rate, counts } = run.result();
  assert.deepEqual([isValid, counts.sent], [true, 200]);
  // All rounds are measured, and none of their time twice.
  assert.ok(Math.abs(rate.sent * seconds - 200) < 1e-6, `${rate.sent}/s for ${seconds} s`);
  assert.ok(seconds < lastedSeconds && rate.sent > 200 / lastedSeconds);
});

test("as fast as possible, both latencies begin with the actual send", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login()).out(1, loggedIn);
  for (let number = 1; number <= 50; number++) script.in(1, enter(number));
  const { run } = await runOf(t, script, { pace: AS_FAST_AS_POSSIBLE });
  // A machine that takes the processor away while a request is made ready.
  let stillNs = 0;
  const { nowNs } = ReplayClock.prototype;
  t.mock.method(ReplayClock.prototype, "nowNs", function (this: ReplayClock): number {
    stillNs += 50_000;
    return nowNs.call(this) + stillNs;
  });
  await run.run();
  const { latency, lateness } = run.result();
  assert.equal(latency.response.count, 50);
  assert.deepEqual(latency.service, latency.response);
  assert.equal(lateness.max, 0);
});

test("a lost connection is told with the text right before its end, and with no other", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), query(), enter(1)).out(1, loggedIn);
  const text = packet("+", "some text");
  // Text, an answer, the end; then text and the end.
  const cases: [PacketHook, string][] = [
    [
      (client, kind) => {
        if (kind === "UO") client.socket.write(text);
        if (kind === "UQ") client.socket.end();
        return kind === "UQ";
      },
      "ALICE lost its connection (closed by the peer)",
    ],
    [
      (client, kind) => {
        if (kind === "UO") client.socket.end(text);
        return true;
      },
      "ALICE lost its connection (the gateway said: some text)",
    ],
  ];
  for (const [hook, told] of cases) {
    let queries = 0;
    const behindTheFirst: PacketHook = (client, kind, packetText, gateway) => {
      const isBeginning = kind === "L" || (kind === "UQ" && queries++ === 0);
      return !isBeginning && hook(client, kind, packetText, gateway);
    };
    const { run } = await runOf(t, script, {}, behindTheFirst);
    await run.run();
    assert.equal(run.record.losses[0], told);
  }
});

test("a login that is refused is told with what the gateway said about it", async (t) => {
  const script = new CaptureScript().connect(1).in(1, login(), enter(1)).out(1, loggedIn);
  for (const closes of [true, false]) {
    const refuses: PacketHook = (client) => {
      client.socket.write(Buffer.concat([packet("+", "no such session"), packet("J", "S")]));
      if (closes) client.socket.end();
      return true;
    };
    const { run } = await runOf(t, script, {}, refuses);
    await assert.rejects(run.run(), /\(login refused, reason S: no such session\)/);
  }
});

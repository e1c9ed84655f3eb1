import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startClock, systemWallClock } from "../../src/base/clock.ts";
import { readCommandLine } from "../../src/config/command-line.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { Credentials } from "../../src/gate/credentials.ts";
import { LostSessions } from "../../src/gate/lost-sessions.ts";
import { openPlaces } from "../../src/main/places.ts";
import { TradingSession } from "../../src/main/trading-session.ts";
import { createCounters, GATE_COUNTERS, LANE_COUNTERS } from "../../src/memory/counters.ts";
import { createGateState, GateState } from "../../src/memory/gate-state.ts";
import { createLaneSignal, LaneSignal } from "../../src/memory/lane-signal.ts";
import { FakeSocket } from "../support/fake-socket.ts";
import { login, packetsIn } from "../support/soup-packets.ts";

test("a session hears its lanes, whatever rings of the one before nobody has heard", async (context) => {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const settings = ['journal.durability="none"', `journal.dir=${JSON.stringify(directory)}`];
  const commandLine = readCommandLine(settings.flatMap((setting) => ["--set", setting]));
  const { config } = readConfig(commandLine);
  const { clock, baseNs } = startClock();
  const quiet = (): void => undefined;
  const laneSignals = [createLaneSignal()];
  const parts = {
    config,
    clock,
    baseNs,
    wallClock: systemWallClock,
    log: { info: quiet, warn: quiet, error: quiet },
    build: "",
    credentials: new Credentials(
      [{ user: "ALICE", password: "DEMO", firms: ["LIME"], anyFirm: false }],
      Buffer.alloc(32, 7),
    ),
    gateState: new GateState(createGateState()),
    lostSessions: new LostSessions(),
    gateCounters: createCounters(GATE_COUNTERS),
    laneSignals,
    laneCounters: [createCounters(LANE_COUNTERS)],
  };
  const places = openPlaces(config, { info: quiet, warn: quiet, error: quiet });
  for (const isRungBefore of [false, true]) {
    if (isRungBefore) laneSignals.map((memory) => new LaneSignal(memory).shouldRing());
    const session = await TradingSession.open(parts, places.make(systemWallClock.epochMs()));
    try {
      const socket = new FakeSocket();
      assert.ok(session.gate.accept(socket));
      const answered = new Promise<void>((resolve) => {
        socket.onSent = resolve;
      });
      socket.clientSends(login());
      await answered;
      const [answer] = packetsIn(Buffer.concat(socket.sent));
      assert.match(answer ?? "nothing", /^A:/);
    } finally {
      await session.stop(true);
    }
  }
});

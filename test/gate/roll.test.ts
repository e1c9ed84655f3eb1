import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DETACH_REASON,
  INBOUND_KIND,
  REQUEST_ID,
  ROLL_STEP,
} from "../../src/memory/inbound-record.ts";
import { OUTBOUND_KIND } from "../../src/memory/outbound-record.ts";
import type { FakeLane, SeenRecord } from "../support/fake-lane.ts";
import type { FakeSocket } from "../support/fake-socket.ts";
import { GateRig } from "../support/gate-rig.ts";
import { login, packet } from "../support/soup-packets.ts";

const NOTHING = Buffer.alloc(0);

/** What a lane was asked to do about the end of the day, since the last look. */
const stepsOf = (lane: FakeLane): number[] => {
  const from = lane.seen.length;
  lane.take();
  return rollSteps(lane.seen.slice(from));
};
const rollSteps = (records: readonly SeenRecord[]): number[] =>
  records.filter(({ kind }) => kind === INBOUND_KIND.ROLL).map(({ detail }) => detail);

function answer(rig: GateRig, requestId: number, lane = 0): void {
  assert.ok(rig.lanes[lane]!.put(OUTBOUND_KIND.COMMAND_ANSWER, -1, 0, NOTHING, requestId));
  rig.turn();
}

class Watched {
  rolls = 0;
  readonly onRolled = (): void => {
    this.rolls++;
  };
}

/** Sockets that are over close, and the lane takes the detaches. */
const serve = (rig: GateRig, sockets: readonly FakeSocket[]) => (): void => {
  for (const socket of sockets) socket.closeIfOver();
  for (const lane of rig.lanes) lane.take();
  rig.turn();
};

test("the lanes close, then end, then everybody hears End of Session behind what he was owed", () => {
  const rig = new GateRig();
  const watched = new Watched();
  const { socket, attach } = rig.live();
  rig.gate.roll(watched.onRolled);
  assert.ok(rig.gate.isRolling && !rig.gate.isEnding);
  assert.deepEqual(stepsOf(rig.lane), [ROLL_STEP.CLOSE]);
  rig.lane.sequenced(attach, Buffer.from("canceled"));
  rig.passMs(60_000, () => socket.clientSends(packet("R")));
  assert.deepEqual(stepsOf(rig.lane), [], "closing takes as long as it takes");
  answer(rig, REQUEST_ID.ROLL_CLOSE);
  rig.passMs(5);
  assert.ok(rig.gate.isEnding);
  assert.deepEqual(stepsOf(rig.lane), [ROLL_STEP.END]);
  rig.lane.sequenced(attach, Buffer.from("last words"));
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(10);
  const packets = rig.packets(socket).filter((text) => text !== "H:");
  assert.deepEqual(packets, ["S:canceled", "S:last words", "Z:"]);
  assert.ok(socket.isEnded);
  assert.equal(watched.rolls, 0);
  rig.passMs(20, serve(rig, [socket]));
  assert.equal(watched.rolls, 1);
  assert.equal(rig.lane.seen.at(-1)?.detail, DETACH_REASON.DRAIN);
  assert.deepEqual(rig.lostSessions.within(60, rig.clock.nowNs() / 1e6), []);
});

test("while the lanes close, clients log in and cancel; from the end on nobody is taken", () => {
  const rig = new GateRig();
  const watched = new Watched();
  const silent = rig.connect();
  rig.gate.roll(watched.onRolled);
  rig.gate.roll(() => assert.fail("one roll at a time"));
  const { socket, attach } = rig.live("BOB");
  socket.clientSends(packet("U", "cancel"));
  const seen = rig.lane.take();
  assert.equal(seen.at(-1)?.payload.toString(), "cancel");
  assert.deepEqual(rollSteps(rig.lane.seen), [ROLL_STEP.CLOSE]);
  rig.lane.sequenced(attach, Buffer.from("canceled"));
  answer(rig, REQUEST_ID.ROLL_CLOSE);
  rig.passMs(5);
  assert.deepEqual(rig.packets(silent), ["+:the session is over"]);
  assert.ok(silent.isEnded);
  assert.ok(rig.connect().isDestroyed);
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(20, serve(rig, [socket, silent]));
  assert.deepEqual(rig.packets(socket), ["S:canceled", "Z:"]);
  assert.equal(watched.rolls, 1);
});

test("every lane is asked, however full its ring is, and the slowest is waited for", () => {
  const rig = new GateRig({ lanes: 2, inboundSlots: 4 });
  const watched = new Watched();
  // Nothing of the first lane's ring is free.
  for (const lane of rig.lanes) while (lane.inbound.claim(0) >= 0);
  rig.lanes[1]!.inbound.publish();
  rig.lanes[0]!.inbound.publish();
  rig.gate.roll(watched.onRolled);
  rig.lanes[1]!.take();
  rig.passMs(5);
  assert.deepEqual(stepsOf(rig.lanes[1]!), [ROLL_STEP.CLOSE]);
  answer(rig, REQUEST_ID.ROLL_CLOSE, 1);
  rig.passMs(100);
  assert.ok(!rig.gate.isEnding);
  rig.lanes[0]!.take();
  rig.passMs(5);
  assert.deepEqual(stepsOf(rig.lanes[0]!), [ROLL_STEP.CLOSE]);
  // Answers to questions of another time are none.
  answer(rig, REQUEST_ID.ROLL_END, 0);
  answer(rig, REQUEST_ID.DRAIN, 0);
  rig.passMs(5);
  assert.ok(!rig.gate.isEnding);
  answer(rig, REQUEST_ID.ROLL_CLOSE, 0);
  rig.passMs(5);
  for (const lane of [0, 1]) {
    assert.deepEqual(stepsOf(rig.lanes[lane]!), [ROLL_STEP.END]);
    assert.equal(watched.rolls, 0);
    answer(rig, REQUEST_ID.ROLL_END, lane);
  }
  rig.passMs(10);
  assert.equal(watched.rolls, 1);
});

/** Closed, and asked to end. */
function ending(rig: GateRig, watched: Watched): void {
  rig.gate.roll(watched.onRolled);
  rig.lane.take();
  answer(rig, REQUEST_ID.ROLL_CLOSE);
  rig.passMs(5);
  rig.lane.take();
}

test("a slow reader hears End of Session behind what the kernel had not taken", () => {
  const rig = new GateRig();
  const watched = new Watched();
  const { socket: slow, attach } = rig.live();
  const other = rig.connect();
  other.clientSends(login({ userName: "BOB" }));
  rig.lane.accept(rig.lane.take().at(-1)!);
  rig.turn();
  slow.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("owed"));
  rig.turn();
  ending(rig, watched);
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(2_000, serve(rig, [other]));
  assert.equal(rig.packets(other).at(-1), "Z:");
  assert.ok(!slow.isEnded && watched.rolls === 0);
  slow.takeAll();
  rig.passMs(10);
  assert.deepEqual(
    rig.packets(slow).filter((text) => text !== "H:"),
    ["S:owed", "Z:"],
  );
  rig.passMs(20, serve(rig, [slow]));
  assert.equal(watched.rolls, 1);
});

test("for whose End of Session no send buffer is left is cut off, and the next day begins all the same", () => {
  const rig = new GateRig({ listen: { sendBuffersMax: 1 } });
  const watched = new Watched();
  const { socket: other } = rig.live("BOB");
  const { socket: slow, attach } = rig.live();
  slow.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("owed"));
  rig.turn();
  assert.equal(rig.gate.status().sendBuffers.inUse, 1);
  ending(rig, watched);
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(20);
  assert.ok(other.isDestroyed);
  assert.ok(!rig.packets(other).includes("Z:"));
  assert.ok(!slow.isDestroyed, "who has the buffer is waited for");
  slow.takeAll();
  rig.passMs(40, serve(rig, [slow, other]));
  assert.deepEqual(rig.packets(slow), ["S:owed", "Z:"]);
  assert.equal(watched.rolls, 1);
});

test("who never reads goes without End of Session, and the next day begins all the same", () => {
  const rig = new GateRig({ session: { drainMsMax: 2_000, sendStallMsMax: 60_000 } });
  const watched = new Watched();
  const { socket: deaf, attach } = rig.live();
  const { socket: idle } = rig.live("BOB");
  deaf.isTaking = false;
  rig.lane.sequenced(attach, Buffer.from("owed"));
  rig.turn();
  // The lane has more for it than its window takes, and cannot say that it is done.
  rig.progress.setStarved(attach.connection);
  ending(rig, watched);
  rig.passMs(1_980, serve(rig, []));
  assert.ok(!idle.isEnded && !deaf.isEnded);
  rig.passMs(40, serve(rig, [idle]));
  assert.ok(!idle.isEnded, "the lane has not said that he is up to date");
  // It is rid of the one who does not read.
  assert.equal(rig.lane.seen.at(-1)?.connection, attach.connection);
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(40, serve(rig, [idle]));
  assert.equal(rig.packets(idle).at(-1), "Z:", "who is up to date is told");
  assert.equal(watched.rolls, 0);
  rig.passMs(3_000, serve(rig, [deaf, idle]));
  assert.equal(watched.rolls, 1);
  assert.ok(deaf.isDestroyed);
  deaf.takeAll();
  assert.deepEqual(rig.packets(deaf), ["S:owed"]);
});

test("who reads and is still owed something when the time is over goes without End of Session, too", () => {
  const rig = new GateRig({ session: { drainMsMax: 2_000 } });
  const watched = new Watched();
  const { socket, attach } = rig.live();
  ending(rig, watched);
  const goOn = (): void => {
    rig.lane.sequenced(attach, Buffer.from("old"));
    serve(rig, [socket])();
  };
  // The lane reads his messages back from a file, and does not come to their end.
  rig.passMs(2_900, goOn);
  assert.ok(!socket.isEnded);
  rig.passMs(200, goOn);
  assert.ok(socket.isEnded);
  const packets = new Set(rig.packets(socket).filter((text) => text !== "H:"));
  assert.deepEqual(
    [...packets],
    ["S:old", "+:the session is over, and its last messages were not read in time"],
  );
  assert.equal(watched.rolls, 1);
});

test("a peer that does not close is cut off before the next day begins", () => {
  const rig = new GateRig();
  const watched = new Watched();
  const { socket } = rig.live();
  ending(rig, watched);
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(1_500, serve(rig, []));
  assert.ok(socket.isDestroyed);
  rig.passMs(10, serve(rig, [socket]));
  assert.equal(watched.rolls, 1);
});

test("a login on its way at the end is refused or hears End of Session, whichever the lane makes of it", () => {
  const rig = new GateRig();
  const watched = new Watched();
  const early = rig.connect();
  early.clientSends(login({ userName: "ALICE" }));
  const [attach] = rig.lane.take();
  const late = rig.connect();
  late.clientSends(login({ userName: "BOB" }));
  ending(rig, watched);
  rig.lane.accept(attach!);
  answer(rig, REQUEST_ID.ROLL_END);
  rig.passMs(20, serve(rig, [early, late]));
  assert.deepEqual(
    rig.packets(early).map((text) => text[0]),
    ["A", "Z"],
  );
  assert.deepEqual(rig.packets(late), ["+:the session is over", "J:S"]);
  assert.equal(watched.rolls, 1);
});

test("thousands of goodbyes do not take one turn", () => {
  const count = 600;
  const rig = new GateRig({
    listen: {
      connectionsMax: count,
      pendingMax: count,
      perAddressMax: count,
      sendBuffersMax: 4_096,
    },
    accounts: Array.from({ length: count }, (_, index) => ({
      user: `U${index}`,
      password: "DEMO",
      firms: ["LIME"],
      anyFirm: false,
    })),
    inboundSlots: 1_024,
    outboundSlots: 2_048,
  });
  const watched = new Watched();
  const sockets = Array.from({ length: count }, (_, index) => rig.live(`U${index}`).socket);
  ending(rig, watched);
  answer(rig, REQUEST_ID.ROLL_END);
  const left = (): number => sockets.filter(({ isEnded }) => isEnded).length;
  rig.passMs(5);
  rig.passMs(5);
  assert.ok(left() > 0 && left() <= 256, `${left()} in one tick`);
  rig.passMs(30, serve(rig, sockets));
  assert.equal(left(), count);
  assert.equal(watched.rolls, 1);
});

test("a shutdown in the middle of a roll says goodbye and not End of Session", () => {
  const rig = new GateRig();
  const watched = new Watched();
  const { socket } = rig.live();
  rig.gate.roll(watched.onRolled);
  let isDrained = false;
  rig.gate.drain(() => {
    isDrained = true;
  });
  rig.passMs(20, serve(rig, [socket]));
  assert.deepEqual(rig.packets(socket), ["+:the gateway is shutting down"]);
  rig.passMs(20, serve(rig, [socket]));
  assert.ok(isDrained);
  assert.equal(watched.rolls, 0, "the lanes go on with it when they are back");
});

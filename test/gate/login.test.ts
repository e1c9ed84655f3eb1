import assert from "node:assert/strict";
import { test } from "node:test";
import { hashPassword } from "../../src/config/password-hash.ts";
import type { DerivePassword } from "../../src/gate/credentials.ts";
import type { GateAccount } from "../../src/gate/gate-config.ts";
import { DETACH_REASON, INBOUND_KIND } from "../../src/memory/inbound-record.ts";
import { FakeLane } from "../support/fake-lane.ts";
import { GateRig } from "../support/gate-rig.ts";
import { login, packet } from "../support/soup-packets.ts";

const refusalsOf = (rig: GateRig, bytes: Buffer, waitMs = 0): string[] => {
  const socket = rig.connect();
  socket.clientSends(bytes);
  rig.passMs(waitMs);
  assert.ok(socket.isEnded);
  assert.equal(rig.lane.take().length, 0);
  return rig.packets(socket);
};

test("a login of the wrong size is refused with A", () => {
  for (const bytes of [0, 45, 47, 50, 52]) {
    const packets = refusalsOf(new GateRig(), packet("L", "x".repeat(bytes)));
    assert.equal(packets.at(-1), "J:A", `${bytes} bytes`);
  }
});

test("a login whose sequence is blank or no number is refused with S", () => {
  for (const sequence of ["", "abc", "-1", "1.5", "+1"]) {
    const bytes = Buffer.from(login());
    bytes.write(sequence.padEnd(20), 29, "latin1");
    assert.equal(refusalsOf(new GateRig(), bytes).at(-1), "J:S", `"${sequence}"`);
  }
});

test("a wrong password and an unknown user get the same answer after the same time", () => {
  for (const wrong of [{ password: "WRONG" }, { userName: "NOBODY" }]) {
    const rig = new GateRig();
    const socket = rig.connect();
    socket.clientSends(login(wrong));
    rig.passMs(245);
    assert.deepEqual(rig.packets(socket), []);
    rig.passMs(10);
    assert.deepEqual(rig.packets(socket), ["J:A"]);
    assert.ok(socket.isEnded);
    assert.deepEqual([rig.count("loginsRefused"), rig.count("loginsAccepted")], [1, 0]);
  }
});

test("each further failure waits longer, another address and the right password do not", () => {
  const rig = new GateRig();
  const wrong = login({ password: "WRONG" });
  refusalsOf(rig, wrong, 255);
  const second = rig.connect();
  second.clientSends(wrong);
  rig.passMs(400);
  assert.deepEqual(rig.packets(second), []);
  const elsewhere = rig.connect("10.0.0.1");
  elsewhere.clientSends(wrong);
  const right = rig.connect();
  right.clientSends(login());
  assert.equal(rig.lane.take().length, 1);
  rig.passMs(255);
  assert.deepEqual(rig.packets(second), ["J:A"]);
  assert.deepEqual(rig.packets(elsewhere), ["J:A"]);
});

test("the password is wiped where it came in, in a chunk and in pieces", () => {
  for (const cut of [0, 12, 30, 47]) {
    const rig = new GateRig();
    const socket = rig.connect();
    const bytes = login({ password: "DEMO" });
    socket.clientSends(bytes.subarray(0, cut));
    socket.clientSends(bytes.subarray(cut));
    assert.equal(rig.lane.take().length, 1);
    assert.ok(!socket.receiveBytes.includes("DEMO"), `cut at ${cut}`);
    assert.equal(rig.gate.status().sendBuffers.inUse, 0);
  }
});

test("what is no login request may hold a password all the same, which is wiped", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  socket.clientSends(packet("L", Buffer.concat([login().subarray(3), Buffer.from("x")])));
  assert.deepEqual(rig.packets(socket).at(-1), "J:A");
  assert.ok(!socket.receiveBytes.includes("DEMO"));
});

test("the lane learns which session and sequence are asked for, of which 0 is one", () => {
  const rig = new GateRig();
  for (const asked of [
    { requestedSession: "20261120A", requestedSequence: 7 },
    { requestedSession: "", requestedSequence: 0 },
  ]) {
    rig.connect().clientSends(login(asked));
    const [attach, ...others] = rig.lane.take();
    assert.ok(attach !== undefined && others.length === 0);
    const { session, requestedSequence } = FakeLane.accountOf(attach);
    assert.deepEqual({ requestedSession: session, requestedSequence }, asked);
  }
});

test("the right password ends the delays of the wrong ones before it", () => {
  const rig = new GateRig();
  const wrong = login({ password: "WRONG" });
  refusalsOf(rig, wrong, 255);
  refusalsOf(rig, wrong, 505);
  rig.live();
  refusalsOf(rig, wrong, 255);
});

test("the lane learns what a place's earlier connection was sent: credit counts on from there", () => {
  const rig = new GateRig();
  const { socket, attach } = rig.live();
  assert.equal(attach.detail, 0);
  for (let count = 0; count < 10; count++) rig.lane.sequenced(attach, Buffer.alloc(100));
  rig.turn();
  const taken = rig.progress.taken(attach.connection);
  assert.ok(taken > 1_000);
  socket.clientEnds();
  socket.close();
  rig.turn();
  rig.lane.take();
  rig.passMs(5);
  const { attach: next } = rig.live("BOB");
  assert.deepEqual([next.connection, next.detail], [attach.connection, taken]);
});

/** A gate whose checks end when the test says so. */
async function checkingRig(): Promise<{ rig: GateRig; checks: (() => void)[] }> {
  const salt = Buffer.alloc(16, 3);
  const rows: GateAccount[] = [
    { user: "ALICE", password: await hashPassword("DEMO", salt), firms: ["LIME"], anyFirm: false },
  ];
  const checks: (() => void)[] = [];
  const derive: DerivePassword = async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    checks.push(resolve);
    await promise;
    return Buffer.from(rows[0]!.password.split("$")[5]!, "base64");
  };
  return { rig: new GateRig({ accounts: rows, derive }), checks };
}

test("a check that takes longer than the time for a login is not the client's delay", async () => {
  const { rig, checks } = await checkingRig();
  const socket = rig.connect();
  socket.clientSends(login());
  rig.passMs(40_000);
  assert.deepEqual([socket.isEnded, rig.packets(socket)], [false, []]);
  checks[0]?.();
  await new Promise(setImmediate);
  assert.equal(rig.lane.take()[0]?.kind, INBOUND_KIND.ATTACH);
});

test("a check that ends when the connection is gone changes nothing", async () => {
  const { rig, checks } = await checkingRig();
  const socket = rig.connect();
  socket.clientSends(login());
  socket.clientEnds();
  socket.close();
  rig.passMs(1_000);
  checks[0]?.();
  await new Promise(setImmediate);
  assert.deepEqual([rig.lane.take(), rig.gate.status().connections], [[], 0]);
});

test("orders behind a login wait for its check, and go on in order", async () => {
  const { rig, checks } = await checkingRig();
  const socket = rig.connect();
  socket.clientSends(
    Buffer.concat([login(), packet("U", "one"), packet("U", "two").subarray(0, 4)]),
  );
  socket.clientSends(packet("U", "two").subarray(4));
  assert.ok(socket.isPaused);
  assert.ok(socket.unreadBytes > 0);
  assert.equal(rig.lane.take().length, 0);
  checks[0]?.();
  await new Promise(setImmediate);
  assert.ok(!socket.isPaused);
  socket.deliver();
  const seen = rig.lane.take();
  assert.deepEqual(
    seen.map(({ kind }) => kind),
    [INBOUND_KIND.ATTACH, INBOUND_KIND.MESSAGE, INBOUND_KIND.MESSAGE],
  );
  assert.equal(seen[1]?.payload.toString(), "one");
  assert.equal(seen[2]?.payload.toString(), "two");
  assert.equal(rig.gate.status().sendBuffers.inUse, 0);
});

test("at the password check those who failed lately, and those who did not, take turns", async () => {
  const checks: { password: string; refuse: () => void }[] = [];
  const rows = await Promise.all(
    ["ALICE", "BOB", "CAROL"].map(async (user, index) => {
      const password = await hashPassword("DEMO", Buffer.alloc(16, index));
      return { user, password, firms: ["LIME"], anyFirm: false };
    }),
  );
  const derive: DerivePassword = (password) => {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    checks.push({ password, refuse: () => resolve(Buffer.alloc(32)) });
    return promise;
  };
  const rig = new GateRig({ accounts: rows, derive });
  const ask = (userName: string, password: string, address = "10.0.0.1"): void =>
    rig.connect(address).clientSends(login({ userName, password }));
  const endCheck = async (): Promise<void> => {
    checks.at(-1)?.refuse();
    await new Promise(setImmediate);
  };
  ask("BOB", "B0");
  await endCheck();
  for (const password of ["B1", "B2", "B3", "B4"]) ask("BOB", password);
  ask("CAROL", "C1");
  ask("ALICE", "A1");
  ask("NOBODY", "N1");
  ask("BOB", "B5", "10.0.0.2");
  for (let ended = 0; ended < 9; ended++) await endCheck();
  // Behind B2, which was the only one then, new and failed; of the new ones by address, and by account.
  assert.equal(checks.map(({ password }) => password).join(" "), "B0 B1 B2 C1 B3 B5 B4 A1 N1");
});

for (const isHashed of [true, false]) {
  const how = isHashed ? "a hash" : "the clear";
  test(`what comes with and behind a wrong password is thrown away, checked against ${how}`, async () => {
    const password = isHashed ? await hashPassword("DEMO", Buffer.alloc(16, 3)) : "DEMO";
    const rig = new GateRig({
      accounts: [{ user: "ALICE", password, firms: ["LIME"], anyFirm: false }],
      derive: async () => Buffer.alloc(32),
    });
    const wrong = login({ password: "WRONG" });
    const behind = Buffer.concat([packet("U", "x".repeat(900)), packet("U", "cut").subarray(0, 4)]);
    for (const cut of [wrong.length, 12]) {
      const socket = rig.connect();
      socket.clientSends(wrong.subarray(0, cut));
      socket.clientSends(Buffer.concat([wrong.subarray(cut), behind]));
      await new Promise(setImmediate);
      const { sendBuffers, stashes } = rig.gate.status();
      assert.deepEqual([socket.isPaused, sendBuffers.inUse, stashes.inUse], [false, 0, 0]);
      socket.clientSends(Buffer.concat([login(), Buffer.alloc(2)]));
      rig.passMs(1_000);
      assert.deepEqual(rig.packets(socket), ["J:A"]);
      assert.equal(rig.lane.take().length, 0);
    }
    const flood = rig.connect();
    flood.clientSends(wrong);
    await new Promise(setImmediate);
    flood.clientSends(Buffer.alloc(100_000));
    assert.ok(flood.isPaused && flood.unreadBytes > 80_000);
    rig.passMs(1_000);
    assert.deepEqual([rig.packets(flood), flood.isPaused], [["J:A"], false]);
    // Who goes before his answer is seen to go.
    const gone = rig.connect();
    gone.clientSends(Buffer.concat([wrong, behind]));
    await new Promise(setImmediate);
    assert.ok(!gone.isPaused);
    gone.clientEnds();
    assert.deepEqual([gone.isDestroyed, rig.packets(gone)], [true, []]);
  });
}

test("a lane's refusal goes to the client before the close, and needs no DETACH to be right", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  socket.clientSends(login({ requestedSequence: 99 }));
  const attach = rig.lane.take()[0]!;
  rig.lane.put(4, attach.connection, attach.epoch, packet("+", "beyond the end"));
  rig.lane.put(3, attach.connection, attach.epoch, packet("J", "S"));
  rig.turn();
  assert.deepEqual(rig.packets(socket), ["+:beyond the end", "J:S"]);
  assert.ok(socket.isEnded);
  assert.equal(rig.count("loginsRefused"), 1);
});

test("a login of 4.10 chooses its silence, within limits", () => {
  for (const [asked, expectedMs] of [
    [5_000, 5_000],
    [1, 2_000],
    [99_999, 60_000],
  ] as const) {
    const rig = new GateRig();
    const socket = rig.connect();
    socket.clientSends(login({ heartbeatTimeoutMs: asked }));
    rig.lane.echo();
    rig.turn();
    rig.passMs(expectedMs - 10);
    assert.ok(!socket.isEnded, `${asked} too early`);
    rig.passMs(20);
    assert.ok(socket.isEnded, `${asked} too late`);
  }
});

test("who says nothing is closed at the login time-out, and only then", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  rig.passMs(29_990);
  assert.ok(!socket.isEnded);
  rig.passMs(20);
  assert.ok(socket.isEnded);
  assert.match(rig.packets(socket).join(), /^\+:no login/);
});

test("caps on pending connections, per address and in all close newcomers", () => {
  const pending = new GateRig({ listen: { pendingMax: 2 } });
  assert.deepEqual(
    [0, 1, 2].map(() => pending.connect().isDestroyed),
    [false, false, true],
  );
  const address = new GateRig({ listen: { perAddressMax: 1 } });
  const first = address.connect("10.0.0.1");
  assert.ok(address.connect("10.0.0.1").isDestroyed);
  assert.ok(!address.connect("10.0.0.2").isDestroyed);
  first.clientEnds();
  first.close();
  assert.ok(!address.connect("10.0.0.1").isDestroyed);
  const all = new GateRig({ listen: { connectionsMax: 1 } });
  all.live();
  assert.ok(all.connect().isDestroyed);
  assert.equal(all.count("connectionsRefused"), 1);
});

test("an ATTACH that finds no room waits, and its messages wait behind it", () => {
  const rig = new GateRig({ inboundSlots: 2 });
  const alice = rig.connect();
  const bob = rig.connect();
  const carol = rig.connect();
  alice.clientSends(login());
  bob.clientSends(login({ userName: "BOB" }));
  carol.clientSends(Buffer.concat([login({ userName: "CAROL" }), packet("U", "hers")]));
  assert.ok(carol.isPaused);
  assert.equal(rig.lane.take().length, 2);
  rig.passMs(5);
  const attach = rig.lane.take()[0]!;
  assert.equal(FakeLane.accountOf(attach).account, "CAROL");
  rig.passMs(10, () => rig.lane.take());
  assert.equal(rig.lane.seen.at(-1)?.payload.toString(), "hers");
  assert.ok(!carol.isPaused);
});

test("a connection that dies while its password is checked leaves nothing behind", () => {
  const rig = new GateRig();
  const socket = rig.connect();
  socket.clientSends(login({ password: "WRONG" }));
  socket.clientEnds();
  socket.close();
  rig.passMs(1_000);
  assert.equal(rig.gate.status().connections, 0);
  assert.equal(rig.lane.take().length, 0);
});

test("a second login is the lane's to judge: both connections are attached until it says so", () => {
  const rig = new GateRig();
  const { socket: old, attach: first } = rig.live();
  const { socket: young, attach: second } = rig.live();
  assert.notEqual(first.epoch, second.epoch);
  assert.ok(!old.isEnded);
  rig.lane.put(5, first.connection, first.epoch, Buffer.alloc(0), DETACH_REASON.SUPERSEDED);
  rig.turn();
  assert.ok(old.isEnded);
  assert.ok(!young.isEnded);
  assert.equal(rig.count("detachesSuperseded"), 1);
});

// What a lane writes to sockets itself, and what it leaves to the gate.

import assert from "node:assert/strict";
import { test } from "node:test";
import { WRITE_BYTES_MAX } from "../../src/lane/wire-writer.ts";
import { OUTBOUND_KIND } from "../../src/memory/outbound-record.ts";
import { fuzzSeed, SeededRandom } from "../support/seeded-random.ts";
import { packetOf, type WireClient } from "../support/wire-client.ts";
import { WireRig, type WireRigOptions } from "../support/wire-rig.ts";

const { SENT, SEQUENCED, LOGIN_ACCEPTED } = OUTBOUND_KIND;

const rigOf = (accounts: number, options?: WireRigOptions): WireRig => {
  const rig = new WireRig(options);
  for (let left = accounts; left > 0; left--) rig.outbox.addAccount();
  return rig;
};

/** Of an account's packets from one to another. */
function bytesOf(account: number, first: number, last: number): number {
  let bytes = 0;
  for (let sequence = first; sequence <= last; sequence++) {
    bytes += packetOf(account, sequence).length;
  }
  return bytes;
}

/** The gate takes all there is. Returns what it was. */
function kindsTaken(rig: WireRig): number[] {
  rig.seen.length = 0;
  rig.gateTakes();
  return rig.seen.slice();
}

test("who is up to date is written to at once, all packets of a turn in one write", () => {
  const rig = rigOf(2);
  const [alice, bob] = [rig.live(0), rig.live(1)];
  rig.write(0, 2);
  rig.write(1);
  rig.write(0);
  assert.equal(rig.turn(), 4);
  alice.assertStream(4, true);
  bob.assertStream(2, true);
  assert.equal(rig.writes.length, 2);
  for (const client of [alice, bob]) {
    assert.equal(rig.progress.inFlight(client.index), 0);
    rig.checkWindow(client);
    assert.ok(rig.isLent(client), "and the wire is given back");
  }
  assert.deepEqual(kindsTaken(rig), [SENT, SENT, SENT, SENT]);
  rig.write(0);
  rig.turn();
  alice.assertStream(5, true);
});

test("what was asked for before the answer to the login has left goes through the ring", () => {
  const rig = rigOf(1);
  const client = rig.attach(0);
  rig.write(0);
  rig.turn();
  assert.deepEqual(kindsTaken(rig), [LOGIN_ACCEPTED, SEQUENCED]);
  rig.write(0);
  rig.turn();
  assert.equal(rig.writes.length, 0);
  rig.settle();
  client.assertStream(3, true);
  rig.write(0);
  rig.turn();
  assert.equal(rig.writes.length, 1);
  client.assertStream(4, true);
});

test("while bytes of a connection are in flight, what follows goes behind them through the ring", () => {
  const rig = rigOf(1);
  const client = rig.live(0);
  client.room = 0;
  rig.write(0);
  rig.turn();
  assert.equal(rig.progress.inFlight(client.index), bytesOf(0, 1, 1));
  // Lent or not: the lane looks for itself.
  rig.wires.lend(client.index, client.descriptor, client.epoch);
  client.room = Number.POSITIVE_INFINITY;
  rig.write(0);
  rig.turn();
  assert.equal(rig.writes.length, 1);
  assert.deepEqual(kindsTaken(rig), [SEQUENCED, SEQUENCED]);
  rig.settle();
  client.assertStream(3, true);
});

test("a backlog goes through the ring, and who has caught up is written to", () => {
  const rig = rigOf(1);
  rig.write(0, 200);
  const client = rig.attach(0, 50);
  // The answer to the login leaves before the lane comes to the backlog.
  rig.gateTakes();
  rig.gateWrites(client);
  assert.ok(rig.isLent(client));
  rig.write(0);
  while (rig.turn() > 0);
  assert.equal(rig.writes.length, 0);
  const kinds = kindsTaken(rig);
  assert.deepEqual(new Set(kinds), new Set([SEQUENCED]));
  assert.equal(kinds.length, 152);
  rig.settle();
  rig.write(0);
  rig.turn();
  assert.equal(rig.writes.length, 1);
  client.assertStream(203, true);
});

test("who is starved is served through the ring until he has caught up", () => {
  const rig = rigOf(1, { windowBytes: 400 });
  const client = rig.live(0);
  client.room = 0;
  rig.write(0, 20);
  rig.turn();
  assert.ok(rig.progress.isStarved(client.index));
  assert.equal(rig.writes.length, 1);
  rig.wires.lend(client.index, client.descriptor, client.epoch);
  rig.write(0, 3);
  rig.turn();
  assert.equal(rig.writes.length, 1, "nothing goes before what waits for the window");
  rig.settle();
  assert.equal(rig.writes.length, 1);
  client.assertStream(24, true);
  rig.write(0);
  rig.turn();
  assert.equal(rig.writes.length, 2);
  client.assertStream(25, true);
});

test("a window bounds a write, not what a kernel with room is given", () => {
  const rig = rigOf(1, { windowBytes: 400 });
  const client = rig.live(0);
  rig.write(0, 50);
  rig.turn();
  client.assertStream(51, true);
  assert.ok(rig.writes.length > 5);
  for (const [length] of rig.writes) assert.ok(length <= 400, `${length} bytes`);
  assert.equal(rig.progress.inFlight(client.index), 0);
  assert.ok(!rig.progress.isStarved(client.index));
  assert.ok(rig.delivery.isDone && rig.isLent(client));
});

test("more than a buffer are several writes, in order", () => {
  const rig = rigOf(1);
  const client = rig.live(0);
  rig.write(0, 600);
  rig.turn();
  client.assertStream(601, true);
  assert.ok(rig.writes.length > 1);
  for (const [length] of rig.writes) assert.ok(length <= WRITE_BYTES_MAX);
  assert.equal(rig.progress.inFlight(client.index), 0);
  rig.gateTakes();
  // The kernel has room for the first of them, and a little more.
  client.room = WRITE_BYTES_MAX + 1000;
  rig.write(0, 600);
  rig.turn();
  const total = bytesOf(0, 601, 1200);
  assert.equal(rig.progress.inFlight(client.index), total - WRITE_BYTES_MAX - 1000);
  rig.settle();
  client.assertStream(1201, true);
});

test("what the ring has no room for waits, and is written behind the rest", () => {
  const rig = rigOf(1, { slots: 8 });
  const client = rig.live(0);
  rig.write(0, 20);
  rig.turn();
  client.assertStream(8, true);
  assert.ok(!rig.delivery.isLiveDone && rig.isLent(client));
  for (let turn = 0; turn < 2; turn++) {
    assert.ok(kindsTaken(rig).every((kind) => kind === SENT));
    rig.turn();
  }
  client.assertStream(21, true);
  assert.ok(rig.delivery.isDone);
});

test("after a partial write the window counts exactly what the kernel has not taken", () => {
  const total = bytesOf(0, 1, 5);
  for (const room of [0, 1, bytesOf(0, 1, 1), bytesOf(0, 1, 2) + 7, total - 1]) {
    const rig = rigOf(1);
    const client = rig.live(0);
    client.room = room;
    rig.write(0, 5);
    rig.turn();
    assert.equal(rig.progress.inFlight(client.index), total - room, `${room} of ${total}`);
    assert.ok(!rig.isLent(client));
    rig.gateTakes();
    assert.equal(rig.mended, [0, bytesOf(0, 1, 1)].includes(room) ? 0 : 1);
    rig.heartbeat(client); // the gate has something to send, and it says so
    rig.gateWrites(client);
    assert.equal(rig.progress.inFlight(client.index), total - room, "not before a write is over");
    client.room = total;
    rig.gateWrites(client);
    rig.checkWindow(client);
    assert.equal(rig.progress.inFlight(client.index), 0);
    assert.ok(rig.isLent(client));
    client.assertStream(6, true);
  }
});

test("a partial write in the middle of a visit sends the rest of the visit through the ring", () => {
  const rig = rigOf(1, { windowBytes: 1000 });
  const client = rig.live(0);
  client.room = bytesOf(0, 1, 15) + 5;
  rig.write(0, 40);
  rig.turn();
  const inFlight = rig.progress.inFlight(client.index);
  assert.ok(inFlight <= 1000 && inFlight > 850, `${inFlight} bytes`);
  rig.checkWindow(client);
  const { length } = rig.writes;
  assert.equal(rig.writes.filter(([given, taken]) => given === taken).length, length - 1);
  rig.settle();
  assert.equal(rig.writes.length, length);
  client.assertStream(41, true);
});

test("a connection that is over is not written to, and its successor from where it asks", () => {
  const rig = rigOf(1);
  const former = rig.live(0);
  rig.write(0, 3);
  rig.turn();
  rig.close(former);
  rig.write(0, 3);
  rig.turn(); // the lane does not know yet
  assert.equal(rig.writes.length, 1);
  const next = rig.live(0, 4);
  assert.equal(next.descriptor, former.descriptor);
  rig.settle();
  rig.write(0);
  rig.turn();
  former.assertStream(4, true);
  next.assertStream(8, true);
  assert.equal(rig.writes.length, 2);
});

interface Seen {
  writes: number;
  partial: number;
  mended: number;
  between: number;
}

/** Whoever may come between: the gate, the kernel, clients that go and that come. */
class Chance {
  private readonly rig: WireRig;
  private readonly random: SeededRandom;
  private readonly seen: Seen;
  private readonly roomMax: number;

  constructor(rig: WireRig, random: SeededRandom, seen: Seen) {
    this.rig = rig;
    this.random = random;
    this.seen = seen;
    this.roomMax = random.pick([300, 1000, 5000]);
    rig.between = (busy) => {
      for (let left = random.below(4); left > 0; left--) this.interfere(busy);
    };
  }

  /** Something that gate or kernel may do at any time; `busy` is the lane's this very moment. */
  interfere(busy: WireClient | undefined): void {
    const { rig, random } = this;
    const open = rig.clients.filter((client) => !client.isClosed && client !== busy);
    const client = open[random.below(open.length + 1)];
    this.seen.between++;
    const what = random.below(12);
    if (what < 4) rig.gateTakes(random.below(20));
    else if (client === undefined) return;
    else if (what < 6) rig.gateWrites(client);
    else if (what < 9) {
      client.room = random.below(this.roomMax);
      rig.gateWrites(client);
    } else if (what < 11) rig.heartbeat(client);
    else if (random.chance(30)) rig.close(client);
  }

  step(accounts: number): void {
    const { rig, random } = this;
    const what = random.below(10);
    const account = random.below(accounts);
    if (what < 2) rig.write(account, random.below(6));
    else if (what < 5) rig.turn();
    else if (what < 9) this.interfere(undefined);
    else if (random.chance(10)) this.comeAndGo(account);
    for (const client of rig.current) {
      if (client !== undefined && !client.isClosed) rig.checkWindow(client);
    }
  }

  private comeAndGo(account: number): void {
    const { rig, random } = this;
    const former = rig.current[account];
    if (former !== undefined && random.chance(3)) {
      rig.close(former);
      rig.detach(account);
      return;
    }
    const open = rig.clients.filter((client) => !client.isClosed);
    if (former !== undefined && (open.length > 8 || random.chance(2))) rig.close(former);
    const next = rig.attach(account, 1 + random.below(rig.outbox.nextSequence(account)));
    next.room = random.below(this.roomMax);
  }
}

const seed = fuzzSeed();
test(`whatever kernels take and whenever the gate comes, streams are whole, seed ${seed}`, () => {
  const random = new SeededRandom(seed);
  const accounts = 4;
  const seen: Seen = { writes: 0, partial: 0, mended: 0, between: 0 };
  for (let round = 0; round < 40; round++) {
    const windowBytes = random.pick([150, 400, 2000, 65_536]);
    const rig = rigOf(accounts, { windowBytes, slots: random.pick([4, 16, 64, 1024]) });
    const chance = new Chance(rig, random, seen);
    for (let account = 0; account < accounts; account++) rig.attach(account);
    for (let step = 0; step < 2500; step++) chance.step(accounts);
    rig.between = () => undefined;
    for (let account = 0; account < accounts; account++) {
      if (rig.current[account]?.isClosed !== false) rig.attach(account);
    }
    rig.settle();
    assert.ok(rig.delivery.isDone, "nobody has anything left to do");
    for (const client of rig.clients) {
      const isCurrent = rig.current.includes(client);
      client.assertStream(rig.outbox.nextSequence(client.account), isCurrent);
      if (!isCurrent) continue;
      rig.checkWindow(client);
      assert.equal(rig.progress.inFlight(client.index), 0);
      assert.ok(rig.isLent(client), "a wire was lost on the way");
    }
    seen.writes += rig.writes.length;
    seen.partial += rig.writes.filter(([length, taken]) => taken < length).length;
    seen.mended += rig.mended;
  }
  assert.ok(seen.mended > 100 && seen.partial >= seen.mended, JSON.stringify(seen));
  assert.ok(seen.writes > seen.partial * 1.5, JSON.stringify(seen));
});

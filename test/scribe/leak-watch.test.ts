import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import net from "node:net";
import { type TestContext, test } from "node:test";
import { LeakWatch } from "../../src/scribe/leak-watch.ts";

const EVERY_NS = 1e9;

/** A watch over this very process, whose descriptors are real. */
class Rig {
  readonly said: { level: string; line: string; fields: Readonly<Record<string, unknown>> }[] = [];
  readonly watch = new LeakWatch({
    say: (level, line, fields) => void this.said.push({ level, line, fields }),
    everyNs: EVERY_NS,
    settledNs: EVERY_NS,
  });
  private nowNs = 0;

  constructor() {
    this.watch.tick(this.nowNs);
    this.watch.onSample({ connections: 0 });
  }

  /** One look at all descriptors. */
  look(connections = 0): void {
    this.watch.onSample({ connections });
    this.nowNs += EVERY_NS;
    // A look takes more turns than one when there are many descriptors.
    for (let turns = 0; turns < 10; turns++) this.watch.tick(this.nowNs + turns);
  }
}

function openFiles(t: TestContext, count: number): () => void {
  const descriptors = Array.from({ length: count }, () => openSync(import.meta.filename, "r"));
  const close = (): void => {
    for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
  };
  t.after(close);
  return close;
}

test("before the first look there is nothing to tell", () => {
  const { watch, said } = new Rig();
  const { counts, unexplained } = watch.stats();
  assert.deepEqual(counts, { socket: 0, file: 0, pipe: 0, anon_inode: 0, device: 0 });
  assert.equal(unexplained, 0);
  assert.deepEqual(said, []);
});

test("files that nobody knows of are a leak when they are there three times in a row", (t) => {
  const rig = new Rig();
  rig.look();
  const before = rig.watch.stats();
  assert.ok(before.counts.anon_inode > 0);
  const close = openFiles(t, 1200); // more than one turn looks at
  for (const looks of [1, 2]) {
    rig.look();
    assert.equal(rig.watch.stats().unexplained, 0, `after ${looks} looks`);
  }
  rig.look();
  const { counts, unexplained } = rig.watch.stats();
  assert.ok(counts.file >= before.counts.file + 1200, `${counts.file} files`);
  assert.ok(unexplained > 1100 && unexplained <= 1200, `${unexplained} unexplained`);
  assert.deepEqual(
    rig.said.map(({ level, line }) => [level, line]),
    [["error", "descriptor-leak"]],
  );
  rig.look(); // and once is enough
  close();
  rig.look();
  assert.equal(rig.watch.stats().unexplained, 0);
  assert.deepEqual(
    rig.said.map(({ line }) => line),
    ["descriptor-leak", "descriptor-leak-over"],
  );
});

test("connections that gate and admin port have are no leak, and those that are given up are", async (t) => {
  const rig = new Rig();
  rig.look();
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  for (let count = 0; count < 40; count++) {
    const socket = net.connect(port, "127.0.0.1");
    sockets.push(socket);
    await once(socket, "connect");
  }
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  for (let looks = 0; looks < 3; looks++) rig.look(80); // both ends are ours
  assert.equal(rig.watch.stats().unexplained, 0);
  rig.watch.onCallers(40);
  for (let looks = 0; looks < 3; looks++) rig.look(40);
  assert.equal(rig.watch.stats().unexplained, 0);
  rig.watch.onCallers(0);
  for (let looks = 0; looks < 3; looks++) rig.look(10);
  assert.ok(rig.watch.stats().unexplained >= 50, `${rig.watch.stats().unexplained}`);
  assert.equal(rig.said[0]?.line, "descriptor-leak");
});

test("a watch that is closed in the midst of a look leaves nothing open", (t) => {
  openFiles(t, 1200);
  const rig = new Rig();
  rig.watch.tick(EVERY_NS);
  rig.watch.close();
  rig.look();
  assert.equal(rig.watch.stats().unexplained, 0);
});

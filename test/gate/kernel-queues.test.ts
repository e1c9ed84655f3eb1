import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { KernelQueues } from "../../src/gate/kernel-queues.ts";
import { testDirectory } from "../support/gateway.ts";

const HEAD =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
// The example of Linux, Documentation/networking/proc_net_tcp.rst, joined to the one line that it is.
const EXAMPLE =
  "  46: 010310AC:9C4C 030310AC:1770 01 00000150:00000000 01:00000019 00000000  1000        0 54165785 4 cd1e6040 25 4 27 3 -1\n";

const heldOf = (queues: KernelQueues, descriptor: number): Promise<number | undefined> =>
  new Promise((resolve) => queues.ask(descriptor, resolve));

/** A process whose descriptor 7 is the example's connection, and 8 and 9 are others'. */
function processWith(tcp: string, tcp6?: string): string {
  const folder = testDirectory();
  for (const name of ["fd", "net"]) mkdirSync(join(folder, name));
  symlinkSync("socket:[54165785]", join(folder, "fd/7"));
  symlinkSync("socket:[1000]", join(folder, "fd/8")); // as the uid of the example's line
  symlinkSync("/dev/null", join(folder, "fd/9"));
  writeFileSync(join(folder, "net/tcp"), tcp);
  if (tcp6 !== undefined) writeFileSync(join(folder, "net/tcp6"), tcp6);
  return folder;
}

test("the kernel's list says how many bytes a peer has not taken", async () => {
  for (const folder of [processWith(HEAD + EXAMPLE), processWith(HEAD, HEAD + EXAMPLE)]) {
    const queues = new KernelQueues(folder, 0);
    const asked = [7, 8, 9, 10].map((descriptor) => heldOf(queues, descriptor));
    assert.deepEqual(await Promise.all(asked), [0x150, undefined, undefined, undefined]);
  }
});

test("those who ask while it is looked at have the next look", async () => {
  const folder = processWith(HEAD + EXAMPLE);
  const queues = new KernelQueues(folder, 0);
  const first = heldOf(queues, 7);
  writeFileSync(join(folder, "net/tcp"), HEAD + EXAMPLE.replace("00000150", "000000FF"));
  const second = heldOf(queues, 7);
  await first;
  assert.equal(await second, 0xff);
});

test("a line of any length and a list that is cut off are no trouble, and no list is no answer", async () => {
  const long = HEAD + EXAMPLE.replace("46:", "1234567:") + EXAMPLE.slice(0, 60);
  assert.equal(await heldOf(new KernelQueues(processWith(long), 0), 7), 0x150);
  assert.equal(await heldOf(new KernelQueues(processWith(""), 0), 7), undefined);
  assert.equal(await heldOf(new KernelQueues(join(testDirectory(), "none"), 0), 7), undefined);
});

test("what a real peer does not read is held, until it has read it", async (context) => {
  const server = net.createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = net.connect(port, "127.0.0.1");
  const [accepted] = (await once(server, "connection")) as [net.Socket];
  context.after(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  const { fd } = (accepted as unknown as { _handle: { fd: number } })._handle;
  const queues = new KernelQueues(undefined, 0);
  assert.equal(await heldOf(queues, fd), 0);
  client.pause();
  while (accepted.write(Buffer.alloc(2 ** 20)) || accepted.writableLength < 2 ** 24);
  await new Promise(setImmediate);
  const held = await heldOf(queues, fd);
  assert.ok(held !== undefined && held > 0);
  client.resume();
  await once(accepted, "drain");
  while ((await heldOf(queues, fd)) !== 0);

  const file = openSync("/dev/null", "r");
  assert.equal(await heldOf(queues, file), undefined);
  closeSync(file);
});

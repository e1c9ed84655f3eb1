import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";

/** A control socket that answers each line with `answer(line)`, or not at all. */
async function withSocket(
  answer: (line: string) => string,
  use: (socketPath: string) => Promise<void>,
): Promise<void> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "control-"));
  const socketPath = path.join(directory, "control.sock");
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}); // the client may leave first
    socket.on("data", (line) => socket.write(answer(String(line))));
  });
  server.listen(socketPath);
  await once(server, "listening");
  try {
    await use(socketPath);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    fs.rmSync(directory, { recursive: true });
  }
}

test("a command goes as one line and its answer comes back parsed", async () => {
  let asked: unknown;
  const answer = (line: string): string => {
    asked = JSON.parse(line);
    return `${JSON.stringify({ id: 1, ok: true, result: { account: { attached: true } } })}\n`;
  };
  await withSocket(answer, async (socketPath) => {
    const who = process.env.SUDO_USER ?? os.userInfo().username;
    const command = { command: "status", scope: { account: "ALICE" } };
    const { ok, result } = await askGateway(socketPath, command);
    assert.equal(ok, true);
    assert.deepEqual(result, { account: { attached: true } });
    assert.deepEqual(asked, { id: 1, who, ...command });
  });
});

test("a gateway that says nothing is not waited for beyond the time-out", async () => {
  await withSocket(
    () => "",
    async (socketPath) => {
      await assert.rejects(askGateway(socketPath, { command: "status" }, 30), /abort/i);
    },
  );
});

test("no gateway behind the path is an error", async () => {
  await assert.rejects(askGateway("/no/such/control.sock", { command: "status" }), /ENOENT/);
});

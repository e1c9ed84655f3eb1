import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { askGateway } from "../../src/tools/control-client.ts";
import { withControlSocket } from "../support/control-socket.ts";

test("a command goes as one line and its answer comes back parsed", async () => {
  let asked: unknown;
  const answer = (line: string): string => {
    asked = JSON.parse(line);
    return `${JSON.stringify({ id: 1, ok: true, result: { account: { attached: true } } })}\n`;
  };
  await withControlSocket(answer, async (socketPath) => {
    const who = process.env.SUDO_USER ?? os.userInfo().username;
    const command = { command: "status", scope: { account: "ALICE" } };
    const { ok, result } = await askGateway(socketPath, command);
    assert.equal(ok, true);
    assert.deepEqual(result, { account: { attached: true } });
    assert.deepEqual(asked, { id: 1, who, ...command });
  });
});

test("a gateway that says nothing is not waited for beyond the time-out", async () => {
  await withControlSocket(
    () => "",
    async (socketPath) => {
      await assert.rejects(askGateway(socketPath, { command: "status" }, 30), /0\.03 s: it hangs/);
    },
  );
});

test("a gateway that closes the connection instead is not waited for", async (context) => {
  const path = join(mkdtempSync(join(os.tmpdir(), "control-")), "control.sock");
  context.after(() => rmSync(dirname(path), { recursive: true }));
  const server = createServer((socket) => socket.end());
  context.after(() => server.close());
  server.listen(path);
  await once(server, "listening");
  await assert.rejects(askGateway(path, { command: "roll" }, 20_000), /closed the connection/);
});

test("no gateway behind the path is an error", async () => {
  await assert.rejects(askGateway("/no/such/control.sock", { command: "status" }), /ENOENT/);
});

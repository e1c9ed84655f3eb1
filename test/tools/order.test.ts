import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { withControlSocket } from "../support/control-socket.ts";
import { FakeOuchServer } from "../support/fake-ouch-server.ts";
import { runTool, Tool, type ToolRun } from "../support/run-tool.ts";

const order = (server: FakeOuchServer, text: string): Promise<ToolRun> =>
  runTool("order.ts", orderArgs(server, text));

const orderArgs = (
  server: FakeOuchServer,
  text: string,
  password: string = server.password,
): string[] => [...["--port", String(server.port), "--password", password], ...text.split(" ")];

const ENTER = "enter --side B --quantity 100 --price 189.50 --symbol";

test("an order is entered, replaced, modified and canceled from the command line", async (t) => {
  const server = await FakeOuchServer.start(t);
  const entered = await order(server, `${ENTER} AAPL`);
  assert.deepEqual([entered.status, entered.stderr], [0, ""]);
  assert.match(entered.stdout, /AAPL/);
  const replaced = await order(server, "replace --order 1 --quantity 80 --price 190");
  assert.equal(replaced.status, 0, replaced.stdout);
  const modified = await order(server, "modify --order 2 --side B --quantity 50");
  assert.equal(modified.status, 0, modified.stdout);
  const canceled = await order(server, "cancel --order 2");
  assert.equal(canceled.status, 0, canceled.stdout);
  assert.equal((await order(server, "query --json")).status, 0);
});

test("a request that OUCH ignores is told as ignored", async (t) => {
  const server = await FakeOuchServer.start(t);
  const { status, stdout } = await order(server, "cancel --order 77");
  assert.equal(status, 3);
  assert.match(stdout, /no answer/);
});

test("a rejected order ends with its own status", async (t) => {
  const server = await FakeOuchServer.start(t, { refusesSymbol: "NONE" });
  assert.equal((await order(server, `${ENTER} NONE`)).status, 1);
});

test("a refused login, nobody there and wrong arguments have a status each", async (t) => {
  const server = await FakeOuchServer.start(t);
  const refused = await runTool("order.ts", orderArgs(server, "query", "WRONG"));
  assert.equal(refused.status, 4);
  assert.match(refused.stderr, /user or password/);
  await server.stop();
  const nobody = await order(server, "query");
  assert.equal(nobody.status, 5);
  assert.match(nobody.stderr, /nothing listens/);
  const unasked = await order(server, "query --control /nonexistent/control.sock");
  assert.equal(unasked.status, 5);
  assert.match(unasked.stderr, /^no gateway answers at \/nonexistent\/control\.sock: .*\n$/);
  const wrong = await order(server, "buy");
  assert.equal(wrong.status, 2);
});

test("the configured gateway is asked who is attached without being told to", async (t) => {
  let asked: unknown;
  const answer = (line: string): string => {
    asked = (JSON.parse(line) as { scope?: unknown }).scope;
    return `${JSON.stringify({ id: 1, ok: true, result: { account: { attached: true } } })}\n`;
  };
  await withControlSocket(answer, async (socketPath) => {
    const cwd = path.resolve(socketPath, "../..");
    const refused = await runTool("order.ts", ["query", "--user", "bob"], cwd);
    assert.equal(refused.status, 6, refused.stderr);
    assert.match(refused.stderr, /^bob is attached/);
    assert.deepEqual(asked, { account: "BOB" });
    const server = await FakeOuchServer.start(t);
    const elsewhere = await runTool("order.ts", orderArgs(server, "query"), cwd);
    assert.equal(elsewhere.status, 0, "a gateway of which nothing is known");
  });
});

test("watch shows the stream from the beginning and ends cleanly on Ctrl-C", async (t) => {
  const server = await FakeOuchServer.start(t);
  await order(server, `${ENTER} AAPL`);
  const watch = new Tool(t, "order.ts", orderArgs(server, "watch --json"));
  await watch.untilWritten("AAPL");
  watch.child.kill("SIGINT");
  const { status, stderr } = await watch.ended();
  assert.deepEqual([status, stderr], [0, ""]);
});

test("watch tells why the gateway ended its connection", async (t) => {
  const server = await FakeOuchServer.start(t);
  const watch = new Tool(t, "order.ts", orderArgs(server, "watch"));
  await watch.untilWritten("System Event");
  server.say("superseded: the account logged in on another connection");
  server.dropAll();
  const { status, stderr } = await watch.ended();
  assert.equal(status, 5);
  assert.match(stderr, /^the connection ended: superseded: the account logged in/);
});

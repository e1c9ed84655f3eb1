import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import { type ControlAnswer, ControlServer, controlError } from "../../src/gate/control-server.ts";

const silence = (): void => undefined;
const NO_LOG = { info: silence, warn: silence, error: silence };

function pathFor(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "control-"));
  context.after(() => rmSync(directory, { recursive: true }));
  return join(directory, "control.sock");
}

async function opened(context: TestContext): Promise<string> {
  const path = pathFor(context);
  const server = new ControlServer(
    path,
    {
      status: () => ({ ok: true, result: { connections: 3 } }),
      slow: async () => {
        await new Promise(setImmediate);
        return { ok: true, result: "slow" };
      },
    },
    NO_LOG,
  );
  await server.open();
  context.after(() => server.close());
  return path;
}

async function ask(path: string, text: string, answers: number): Promise<unknown[]> {
  const socket = connect(path);
  const lines: unknown[] = [];
  const reader = createInterface({ input: socket });
  reader.on("line", (line) => {
    lines.push(JSON.parse(line));
    if (lines.length === answers) socket.end();
  });
  socket.write(text);
  await once(socket, "close");
  return lines;
}

test("each line is answered with its id, in order, wherever it is cut", async (context) => {
  const path = await opened(context);
  const lines =
    '{"id":1,"command":"slow"}\n{"id":"x","command":"status"}\n\n{"id":2,"command":"slow"}\n';
  assert.deepEqual(await ask(path, lines, 3), [
    { id: 1, ok: true, result: "slow" },
    { id: "x", ok: true, result: { connections: 3 } },
    { id: 2, ok: true, result: "slow" },
  ]);
});

test("an unknown command and what is no JSON object get coded answers", async (context) => {
  const path = await opened(context);
  const answers = await ask(
    path,
    '{"id":7,"command":"fly"}\nnonsense\n[1]\n{"command":{"toString":1}}\n{"command":["status"]}\n{}\n',
    6,
  );
  const codes = answers.map((answer) => (answer as { error: { code: string } }).error.code);
  assert.deepEqual(codes, [
    "UNKNOWN_COMMAND",
    "BAD_REQUEST",
    "BAD_REQUEST",
    "UNKNOWN_COMMAND",
    "UNKNOWN_COMMAND",
    "UNKNOWN_COMMAND",
  ]);
  assert.equal((answers[0] as { id: number }).id, 7);
});

test("a line without an end is refused at its cap", async (context) => {
  const path = await opened(context);
  const [answer] = await ask(path, "x".repeat(4_097), 1);
  assert.equal((answer as { error: { code: string } }).error.code, "LINE_TOO_LONG");
});

test("a line without an end closes the connection, however much of it comes", async (context) => {
  const path = await opened(context);
  const socket = connect({ path, allowHalfOpen: true });
  socket.on("error", () => undefined);
  socket.resume();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  let writes = 0;
  const flood = (): void => {
    if (socket.writable && writes++ < 512) socket.write("x".repeat(65_536), flood);
  };
  flood();
  await closed;
  assert.ok(writes < 512);
});

/** A gateway with a dump that no socket takes at once. */
async function openedWithDump(
  context: TestContext,
): Promise<{ path: string; untilQuiet: () => Promise<number> }> {
  const path = pathFor(context);
  let calls = 0;
  const dump = (): ControlAnswer => {
    calls++;
    return { ok: true, result: "x".repeat(65_536) };
  };
  const server = new ControlServer(path, { dump }, NO_LOG);
  await server.open();
  context.after(() => server.close());
  const untilQuiet = async (): Promise<number> => {
    for (
      let seen = -1, quietTurns = 0;
      quietTurns < 200;
      quietTurns = seen === calls ? quietTurns + 1 : 0
    ) {
      seen = calls;
      await new Promise(setImmediate);
    }
    return calls;
  };
  return { path, untilQuiet };
}

test("a caller that takes no answers is given no more, and gets them all once it does", async (context) => {
  for (const paddingBytes of [0, 4_000]) {
    const { path, untilQuiet } = await openedWithDump(context);
    const asked = 500;
    const request = `{"command":"dump","padding":"${"p".repeat(paddingBytes)}"}\n`;
    const socket = connect(path);
    socket.write(request.repeat(asked));
    const calls = await untilQuiet();
    assert.ok(calls < 16, `${calls} of ${asked} answered into memory`);

    let answers = 0;
    for await (const _ of createInterface({ input: socket })) {
      if (++answers === asked) socket.end();
    }
    assert.equal(answers, asked);
  }
});

test("a caller that has said all gets its answers, and then the end", async (context) => {
  const path = await opened(context);
  const socket = connect({ path, allowHalfOpen: true });
  socket.end('{"id":1,"command":"slow"}\n{"id":2,"command":"status"}');
  const answers = [];
  for await (const line of createInterface({ input: socket })) answers.push(JSON.parse(line));
  assert.deepEqual(answers, [
    { id: 1, ok: true, result: "slow" },
    { id: 2, ok: true, result: { connections: 3 } },
  ]);
});

const CALLERS_MAX = 16;

/** Resolves when the gateway has taken the caller in. */
async function connected(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, "connect");
  return socket;
}

const textOf = async (socket: Socket): Promise<string> => {
  let text = "";
  for await (const piece of socket.setEncoding("utf8")) text += piece;
  return text;
};

test("silent callers keep nobody out: the one who was silent for longest makes room", async (context) => {
  const path = await opened(context);
  const idle: Socket[] = [];
  while (idle.length < CALLERS_MAX) idle.push(await connected(path));
  context.after(() => idle.map((socket) => socket.destroy()));
  const [first, second, third] = idle;
  // Who has asked something lately is not the one, nor is he for half a line.
  first?.write('{"id":1,"command":"status"}\n');
  await once(first!, "data");
  second?.write('{"id":1,');
  const gone = Promise.all([second, third].map((socket) => textOf(socket!)));
  for (const id of [1, 2]) {
    const operator = await connected(path);
    context.after(() => operator.destroy());
    operator.write(`{"id":${id},"command":"status"}\n`);
    const [line] = await once(operator, "data");
    assert.equal(JSON.parse(line).id, id);
  }
  for (const text of await gone) assert.equal(JSON.parse(text).error.code, "MADE_ROOM");
  assert.deepEqual(
    idle.map(({ readableEnded }) => readableEnded),
    idle.map((socket) => socket === second || socket === third),
  );
});

test("who asks and takes no answers keeps nobody out", async (context) => {
  const { path, untilQuiet } = await openedWithDump(context);
  const deaf: Socket[] = [];
  context.after(() => deaf.map((socket) => socket.destroy()));
  while (deaf.length < CALLERS_MAX) {
    const socket = await connected(path);
    socket.on("error", silence); // it is shown out
    socket.write('{"command":"dump"}\n'.repeat(100));
    deaf.push(socket);
  }
  await untilQuiet();
  const operator = connect(path);
  operator.end('{"id":1,"command":"dump"}\n');
  assert.equal(JSON.parse(await textOf(operator)).id, 1);
});

test("who waits for an answer keeps his place", async (context) => {
  const path = pathFor(context);
  const { promise: isOver, resolve: end } = Promise.withResolvers<void>();
  let asked = 0;
  const { promise: allAsked, resolve: onAllAsked } = Promise.withResolvers<void>();
  const server = new ControlServer(
    path,
    {
      roll: async () => {
        if (++asked === CALLERS_MAX) onAllAsked();
        await isOver;
        return { ok: true, result: {} };
      },
    },
    NO_LOG,
  );
  await server.open();
  context.after(() => server.close());
  const answers: Promise<string>[] = [];
  for (let count = 0; count < CALLERS_MAX; count++) {
    const socket = await connected(path);
    socket.end('{"command":"roll"}\n');
    answers.push(textOf(socket));
  }
  await allAsked;
  assert.equal(await textOf(await connected(path)), "");
  end();
  for (const answer of await Promise.all(answers)) assert.equal(JSON.parse(answer).ok, true);
});

interface ToldRemoval {
  readonly level: string;
  readonly event: string;
  readonly reason?: string;
}

async function toldOpened(
  context: TestContext,
): Promise<{ path: string; server: ControlServer; told: () => Promise<ToldRemoval> }> {
  const path = pathFor(context);
  let onTold = (_: ToldRemoval): void => assert.fail("nobody waits for it");
  const tell = (level: string) => (event: string, fields: object) =>
    onTold({ level, event, ...fields });
  const server = new ControlServer(
    path,
    { status: () => ({ ok: true, result: {} }) },
    { info: tell("info"), warn: tell("warn"), error: tell("error") },
  );
  await server.open();
  context.after(() => server.close());
  const told = (): Promise<ToldRemoval> => {
    const { promise, resolve } = Promise.withResolvers<ToldRemoval>();
    onTold = resolve;
    return promise;
  };
  return { path, server, told };
}

test("a socket that is removed is made anew, again and again, and callers stay", async (context) => {
  const { path, told, server } = await toldOpened(context);
  const caller = await connected(path);
  for (const _ of [1, 2]) {
    const removal = told();
    rmSync(path);
    const { level, event } = await removal;
    assert.deepEqual([level, event], ["warn", "control-removed"]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal((await ask(path, '{"command":"status"}\n', 1)).length, 1);
  }
  caller.end('{"id":7,"command":"status"}\n');
  assert.equal(JSON.parse(await textOf(caller)).id, 7);
  server.close();
  assert.ok(!existsSync(path));
});

test("a socket that another has put there is not touched, not even at the end", async (context) => {
  const { path, told, server } = await toldOpened(context);
  const other = createServer((socket) => socket.end("the other's"));
  // As quick as nobody is: in place of ours at one stroke.
  other.listen(`${path}-other`);
  await once(other, "listening");
  context.after(() => other.close());
  const removal = told();
  renameSync(`${path}-other`, path);
  const { level, reason } = await removal;
  assert.equal(level, "error");
  assert.match(reason ?? "", /EEXIST/);
  assert.equal(await textOf(await connected(path)), "the other's");
  server.close();
  assert.equal(await textOf(await connected(path)), "the other's");
});

test("a socket that cannot be made anew is told, and ends nothing", async (context) => {
  const { path, told } = await toldOpened(context);
  const caller = await connected(path);
  const removal = told();
  renameSync(dirname(path), `${dirname(path)}-away`);
  context.after(() => rmSync(`${dirname(path)}-away`, { recursive: true }));
  rmSync(join(`${dirname(path)}-away`, "control.sock"));
  const { level, reason } = await removal;
  assert.equal(level, "error");
  assert.match(reason ?? "", /ENOENT|EACCES/);
  mkdirSync(dirname(path));
  caller.end('{"id":7,"command":"status"}\n');
  assert.equal(JSON.parse(await textOf(caller)).id, 7);
});

test("only the owner may use the socket", async (context) => {
  const path = await opened(context);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a live socket is a fault, a stale one is taken away", async (context) => {
  const path = await opened(context);
  const second = new ControlServer(path, {}, NO_LOG);
  await assert.rejects(second.open(), (error) => {
    assert.ok(error instanceof FaultError);
    assert.deepEqual(error.fault, { code: "CONTROL_SOCKET_FAILED", path, errno: "EADDRINUSE" });
    return true;
  });
  assert.equal((await ask(path, '{"id":1,"command":"status"}\n', 1)).length, 1);
});

test("a file that nobody listens to is replaced", async (context) => {
  const path = pathFor(context);

  const script = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  assert.throws(() => execFileSync(process.execPath, ["-e", script]));
  assert.ok(existsSync(path));
  const server = new ControlServer(path, {}, NO_LOG);
  await server.open();
  server.close();
});

test("a file that is no socket is a fault, and left alone", async (context) => {
  const path = pathFor(context);
  const fault = { code: "CONTROL_SOCKET_FAILED", path, errno: "ENOTSOCK" };
  const refused = (error: unknown): boolean => {
    assert.deepEqual((error as FaultError).fault, fault);
    return true;
  };
  writeFileSync(path, "somebody's");
  await assert.rejects(new ControlServer(path, {}, NO_LOG).open(), refused);
  assert.equal(readFileSync(path, "utf8"), "somebody's");
  rmSync(path);
  mkdirSync(path);
  await assert.rejects(new ControlServer(path, {}, NO_LOG).open(), refused);
  assert.ok(statSync(path).isDirectory());
});

test("a path in a directory that is not there is a fault that says so", async () => {
  const server = new ControlServer("/nonexistent-directory/control.sock", {}, NO_LOG);
  await assert.rejects(server.open(), /CONTROL_SOCKET_FAILED.*EACCES|ENOENT/);
});

test("who changes something is told to whoever reads the log, and whether it was refused", async (context) => {
  const lines: unknown[] = [];
  const tell = (event: string, fields: object): void => void lines.push({ event, ...fields });
  const path = pathFor(context);
  const server = new ControlServer(
    path,
    {
      status: () => ({ ok: true, result: {} }),
      roll: ({ who }) =>
        who === "desk" ? { ok: true, result: {} } : controlError("DRAINING", "too late"),
    },
    { info: tell, warn: tell, error: tell },
  );
  await server.open();
  context.after(() => server.close());
  const asked = ['{"command":"status"}', '{"command":"roll","who":"desk"}', '{"command":"roll"}'];
  await ask(path, `${asked.join("\n")}\n`, 3);
  assert.deepEqual(lines, [
    { event: "control", request: asked[1] },
    { event: "control", request: asked[2] },
    { event: "control-refused", command: "roll", code: "DRAINING", message: "too late" },
  ]);
});

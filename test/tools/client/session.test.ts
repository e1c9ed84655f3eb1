import assert from "node:assert/strict";
import { test } from "node:test";
import { OuchSession, type SessionSink } from "../../../src/tools/client/session.ts";
import { FakeOuchServer } from "../../support/fake-ouch-server.ts";

class Heard implements SessionSink {
  readonly sequences: number[] = [];
  private readonly ends = Promise.withResolvers<string>();
  private readonly heard = Promise.withResolvers<void>();
  readonly ended = this.ends.promise;
  readonly enough = this.heard.promise;
  private readonly wanted: number;

  constructor(wanted: number) {
    this.wanted = wanted;
  }

  onRead(): void {}
  onLoginAccepted(): void {}
  onLoginRejected(): void {}
  onDebug(): void {}
  onEndOfSession(): void {}
  onMessage(sequence: number): void {
    this.sequences.push(sequence);
    if (this.sequences.length === this.wanted) this.heard.resolve();
  }
  onClosed(reason: string): void {
    this.ends.resolve(reason);
  }
}

const login = { userName: "ONE", requestedSession: "", requestedSequence: 1 };

test("messages are counted from the number the server gave, wherever the stream is cut", async (t) => {
  const server = await FakeOuchServer.start(t, { pieceBytes: 7 });
  const account = server.account("ONE");
  for (let query = 0; query < 50; query++) server.query(account);
  const heard = new Heard(51);
  const session = new OuchSession({ host: "127.0.0.1", port: server.port }, heard);
  session.login({ ...login, password: server.password });
  await heard.enough;
  assert.deepEqual(
    heard.sequences,
    Array.from({ length: 51 }, (_, index) => index + 1),
  );
  assert.equal(session.nextSequence, 52);
  session.close("done");
  assert.equal(await heard.ended, "done");
});

test("two sessions that share the receive buffer keep their unfinished packets apart", async (t) => {
  const server = await FakeOuchServer.start(t, { pieceBytes: 5 });
  const both = ["ONE", "TWO"].map((userName) => {
    const account = server.account(userName);
    for (let query = 0; query < 40; query++) server.query(account);
    const heard = new Heard(41);
    const session = new OuchSession({ host: "127.0.0.1", port: server.port }, heard);
    session.login({ ...login, userName, password: server.password });
    return { heard, session };
  });
  await Promise.all(both.map(({ heard }) => heard.enough));
  for (const { session } of both) session.close("done");
});

test("a session that has nothing to send says every second that it lives", async (t) => {
  const server = await FakeOuchServer.start(t);
  const heard = new Heard(1);
  const session = new OuchSession({ host: "127.0.0.1", port: server.port }, heard);
  session.login({ ...login, password: server.password });
  await server.untilHeartbeats(2);
  session.close("done");
});

test("a session told to be silent is silent, and logout ends it", async (t) => {
  const server = await FakeOuchServer.start(t);
  const heard = new Heard(1);
  const options = { host: "127.0.0.1", port: server.port, sendsHeartbeats: false };
  const session = new OuchSession(options, heard);
  session.login({ ...login, password: server.password });
  await heard.enough;
  session.logout();
  assert.equal(await heard.ended, "closed by the peer");
  assert.equal(server.heartbeats, 0);
});

test("who says that the session ended and stays is left", async (t) => {
  const server = await FakeOuchServer.start(t);
  const heard = new Heard(1);
  const session = new OuchSession({ host: "127.0.0.1", port: server.port }, heard);
  session.login({ ...login, password: server.password });
  await heard.enough;
  server.endSession("ONE");
  server.endSession("ONE");
  assert.equal(await heard.ended, "the session ended");
});

test("a session that does not read hears nothing until it reads again, and then everything", async (t) => {
  const server = await FakeOuchServer.start(t);
  const heard = new Heard(201);
  const session = new OuchSession({ host: "127.0.0.1", port: server.port }, heard);
  session.login({ ...login, password: server.password });
  await server.untilAttached("ONE");
  session.pauseReading();
  const account = server.account("ONE");
  const before = heard.sequences.length;
  for (let query = 0; query < 200; query++) server.query(account);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(heard.sequences.length, before);
  session.resumeReading();
  await heard.enough;
  session.close("done");
});

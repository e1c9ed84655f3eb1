import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { requestOf, socketOf } from "../../src/tools/control-options.ts";

test("a command and its fields become one request", () => {
  assert.deepEqual(requestOf(["drain"]), { command: "drain" });
  assert.deepEqual(requestOf(["dump", "limit=5", "account=ALICE"]), {
    command: "dump",
    limit: 5,
    scope: { account: "ALICE" },
  });
  assert.deepEqual(requestOf(["sampling", 'set={"limit":{"percent":50}}']), {
    command: "sampling",
    set: { limit: { percent: 50 } },
  });
  assert.deepEqual(requestOf(["any", "text=a=b"]), { command: "any", text: "a=b" });
  assert.deepEqual(requestOf(["status", "command=drain"]), { command: "status" });
});

test("a profile is of a thread and takes its time", () => {
  assert.deepEqual(requestOf(["profile"]), { command: "profile", thread: "gate", seconds: 10 });
  const request = { command: "profile", thread: "lane0", seconds: 0.5 };
  assert.deepEqual(requestOf(["profile", "lane0", "0.5s"]), request);
  for (const words of [
    ["lane0", "soon"],
    ["lane0", "1s", "more"],
  ]) {
    assert.throws(() => requestOf(["profile", ...words]), /a thread and a time/);
  }
});

test("what is no request is refused", () => {
  assert.throws(() => requestOf([]), /what shall the gateway do/);
  assert.throws(() => requestOf(["dump", "everything"]), /no name=value/);
});

test("the socket is the configuration's unless it is named", () => {
  assert.equal(socketOf({ control: "/a/b.sock" }), "/a/b.sock");
  assert.equal(socketOf({}), path.resolve("journal/control.sock"));
});

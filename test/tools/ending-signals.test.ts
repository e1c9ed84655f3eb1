import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CaptureScript, loggedIn } from "../support/capture-script.ts";
import { FakeOuchServer } from "../support/fake-ouch-server.ts";
import { testDirectory } from "../support/gateway.ts";
import { enter, query } from "../support/replay-script.ts";
import { Tool } from "../support/run-tool.ts";
import { login } from "../support/soup-packets.ts";

function slowCapture(t: TestContext): string {
  const directory = testDirectory();
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, "day.capture");
  const script = new CaptureScript().connect(1).in(1, login(), query()).out(1, loggedIn);
  for (let number = 1; number <= 2_000; number++) script.wait(20).in(1, enter(number));
  script.write(file);
  return file;
}

test("a signal that is told twice, as timeout(1) does, takes nothing from what is told", async (t) => {
  const server = await FakeOuchServer.start(t);
  const target = ["--target", `127.0.0.1:${server.port}`, "--password", server.password];
  // Late sends are the machine's, which has others to serve.
  const replay = [slowCapture(t), ...target, "--late-share", "1"];
  const ready = JSON.stringify({ event: "ready", order: { host: "127.0.0.1", port: 9 } });
  const gateway = `echo '${ready}'; exec sleep 600`;
  const targets = ["--a", gateway, "--b", "127.0.0.1:9", "--tool", "sleep 600", "--warm", "0"];
  const runs: [string, string[], string, number, RegExp][] = [
    ["demo.ts", ["--seconds", "60", "--warmup", "0"], "1 s", 0, /interrupted[\s\S]*^answered/m],
    ["replay.ts", replay, " 1 s", 0, /interrupted[\s\S]*^response +P50/m],
    ["compare.ts", targets, "P999", 2, /CANNOT TELL\n {2}it was interrupted/],
  ];
  for (const [file, args, beginning, expected, told] of runs) {
    const tool = new Tool(t, file, args);
    await tool.untilWritten(beginning);
    // Two of one kind might be taken together.
    tool.child.kill("SIGINT");
    tool.child.kill("SIGTERM");
    const { status, stdout, stderr } = await tool.ended();
    assert.deepEqual([status, stderr], [expected, ""], file);
    assert.match(stdout, told, file);
  }
});

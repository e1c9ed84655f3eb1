// The process runs out of descriptors, although its configuration says that it cannot: something else has taken them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { PROJECT_ROOT, startCommand } from "../../src/tools/gateway-process.ts";
import {
  gatewayArguments,
  PASSWORD,
  testDirectory,
  watchRun,
  wholeRun,
  within,
} from "../support/gateway.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { Trader } from "../support/trader.ts";

const LIMIT = 256;
const CONNECTIONS_MAX = LIMIT - 64;
const END_MS_MAX = 60_000;

test("a gateway that may open few descriptors says so, or lives within them", async (t) => {
  const directory = testDirectory();
  const settings = { "listen.connectionsMax": CONNECTIONS_MAX, "listen.pendingMax": LIMIT };
  const words = [...startCommand(), ...gatewayArguments(directory, { settings })];
  const quoted = [process.execPath, ...words].map((word) => `'${word}'`).join(" ");

  const tooMany = `ulimit -n ${LIMIT}; exec ${quoted} --set listen.connectionsMax=${LIMIT}`;
  const refused = await watchRun(spawn("/bin/sh", ["-c", tooMany], { cwd: PROJECT_ROOT }));
  assert.equal(refused.status, 15);
  assert.match(refused.stderr, /"code":"DESCRIPTORS_TOO_FEW","needed":320,"limit":256/);

  const child = spawn("/bin/sh", ["-c", `ulimit -n ${LIMIT}; exec ${quoted}`], {
    cwd: PROJECT_ROOT,
  });
  t.after(() => child.kill("SIGKILL"));
  const ready = once(child.stdout, "data");
  const ended = wholeRun(child);
  const [line] = await ready;
  const { order } = JSON.parse(String(line));
  const trader = await Trader.connect(order, "T00000");
  await trader.mustLogIn(PASSWORD);
  // More than the gateway takes; those beyond are turned away, and it never runs dry.
  const crowd = await Promise.all(
    Array.from({ length: CONNECTIONS_MAX + 50 }, () => RawConnection.open(order)),
  );
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
  for (const one of crowd) one.close();
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 2 L"]);
  child.kill("SIGTERM");
  const { status, stderr } = await within(END_MS_MAX, "the end of the gateway", ended);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /EMFILE/);
});

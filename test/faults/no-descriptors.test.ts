// Not one descriptor is left: a leak, or something else within the process. Sessions trade on, new ones are turned away,
// the journal goes on in the segments that are open, and all is well when descriptors are free again.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { PROJECT_ROOT, type ReadyLine, startCommand } from "../../src/tools/gateway-process.ts";
import { HOG_ENVIRONMENT } from "../support/descriptor-hog.ts";
import { gatewayArguments, PASSWORD, testDirectory, wholeRun, within } from "../support/gateway.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { Trader } from "../support/trader.ts";

const LIMIT = 256;
const WAIT_MS_MAX = 60_000;
/** More than a segment of the smallest size holds: the keeper has to open another meanwhile. */
const ORDERS = 16_000;
const ORDERS_AT_ONCE = 500;
const NEWCOMERS = 20;

/** What the admin port says; "refused" when it does not take anybody. */
async function health({ host, port }: ReadyLine["admin"]): Promise<string> {
  const signal = AbortSignal.timeout(WAIT_MS_MAX);
  try {
    const response = await fetch(`http://${host}:${port}/healthz`, { signal });
    return (await response.text()).trim();
  } catch (error) {
    assert.ok(!signal.aborted, "the admin port neither answers nor refuses");
    assert.ok(error instanceof TypeError, String(error));
    return "refused";
  }
}

test("a gateway without a free descriptor trades on, refuses newcomers, and recovers", async (t) => {
  const directory = testDirectory();
  const settings = { "listen.connectionsMax": LIMIT - 64, "listen.pendingMax": LIMIT - 64 };
  const words = [...startCommand(), ...gatewayArguments(directory, { settings })];
  const quoted = [process.execPath, ...words].map((word) => `'${word}'`).join(" ");
  const child = spawn("/bin/sh", ["-c", `ulimit -n ${LIMIT}; exec ${quoted}`], {
    cwd: PROJECT_ROOT,
    env: { ...process.env, ...HOG_ENVIRONMENT },
  });
  t.after(() => child.kill("SIGKILL"));
  const ready = once(child.stdout, "data");
  const hogLines: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    if (line.includes('"hog"')) hogLines.push(line);
  });
  const hog = async (): Promise<number> => {
    const told = once(lines, "line", { signal: AbortSignal.timeout(WAIT_MS_MAX) });
    const before = hogLines.length;
    child.kill("SIGUSR2");
    await told;
    while (hogLines.length === before) await once(lines, "line");
    return (JSON.parse(hogLines.at(-1) ?? "") as { taken: number }).taken;
  };
  const ended = wholeRun(child);
  const [line] = await ready;
  const { order, admin } = JSON.parse(String(line)) as ReadyLine;
  const trader = await Trader.connect(order, "T00000");
  await trader.mustLogIn(PASSWORD);
  assert.equal(await health(admin), '{"alive":true}');

  assert.ok((await hog()) > 50, "the descriptors were not there to be taken");
  // Who comes just when a thread has closed a file gets its place; all others are turned away.
  const newcomers = await Promise.all(
    Array.from({ length: NEWCOMERS }, () => RawConnection.open(order)),
  );
  const firstToGo = await Promise.any(newcomers.map((newcomer) => newcomer.ended()));
  assert.deepEqual(firstToGo.packets, []);
  assert.ok(['{"alive":true}', "refused"].includes(await health(admin)));
  for (let sent = 0; sent < ORDERS; sent += ORDERS_AT_ONCE) {
    for (let left = ORDERS_AT_ONCE; left > 0; left--) trader.order();
    const heard = await trader.heard();
    assert.equal(heard.length, ORDERS_AT_ONCE);
    assert.ok(heard.every((text) => text.startsWith("A ")));
  }

  for (const newcomer of newcomers) newcomer.close();
  assert.equal(await hog(), 0);
  const newcomer = await Trader.connect(order, "T00001");
  await newcomer.mustLogIn(PASSWORD);
  newcomer.order();
  assert.deepEqual(await newcomer.heard(), ["A 1 L"]);
  assert.equal(await health(admin), '{"alive":true}');
  trader.order();
  assert.equal((await trader.heard()).length, 1);

  child.kill("SIGTERM");
  const { status, stderr } = await within(WAIT_MS_MAX, "the end of the gateway", ended);
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /"event":"fault"|keeper-ended|scribe-ended/);
});

// npm run order against a gateway that runs: what a newcomer tries in the first minute.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { runTool, Tool, type ToolRun } from "../support/run-tool.ts";

const gateway = await TestGateway.start({ after });

const argumentsOf = (user: string, text: string): string[] => [
  ...["--port", String(gateway.port), "--user", user, "--password", PASSWORD],
  ...text.split(" "),
];
const order = (user: string, text: string): Promise<ToolRun> =>
  runTool("order.ts", argumentsOf(user, text));

test("two users trade from the command line, and one changes and cancels what is left", async () => {
  const [alice, bob] = [gateway.user(), gateway.user()];
  const enter = (side: string, quantity: number): string =>
    `enter --side ${side} --quantity ${quantity} --symbol AAPL --price 189.50`;
  const entered = await order(alice, enter("B", 100));
  assert.deepEqual([entered.status, entered.stderr], [0, ""]);
  assert.match(entered.stdout, /Order Accepted .*userRefNum=1 .*orderState=L \(live\)/);

  const taken = await order(bob, enter("S", 40));
  assert.equal(taken.status, 0);
  assert.match(taken.stdout, /Order Executed .*quantity=40 price=189.5000/);

  const replaced = await order(alice, "replace --order 1 --quantity 90 --price 189.40");
  assert.match(replaced.stdout, /Order Replaced .*quantity=50/);
  const modified = await order(alice, "modify --order 2 --side B --quantity 80");
  assert.match(modified.stdout, /Order Modified .*quantity=40/);
  const canceled = await order(alice, "cancel --order 2");
  assert.match(canceled.stdout, /Order Canceled .*quantity=40 reason=U \(user\)/);
  const query = await order(alice, "query --json");
  assert.equal(JSON.parse(query.stdout.trim().split("\n").at(-1) ?? "").nextUserRefNum, 3);
  const statuses = [replaced, modified, canceled, query].map(({ status }) => status);
  assert.deepEqual(statuses, [0, 0, 0, 0]);
});

test("what is rejected, ignored or refused has a status of its own", async () => {
  const user = gateway.user();
  const rejected = await order(user, "enter --side B --quantity 0 --symbol AAPL --price 1");
  assert.equal(rejected.status, 1);
  assert.match(rejected.stdout, /reason=0013 \(invalid quantity\)/);
  assert.equal((await order(user, "cancel --order 77")).status, 3);
  assert.equal((await order("NOBODY", "query")).status, 4);
  assert.equal((await order(user, "query --session NONE")).status, 4);
});

test("who is attached is not thrown out unless that is asked for", async () => {
  const trader = await gateway.trader();
  const control = `--control ${gateway.ready.control}`;
  const refused = await order(trader.user, `query ${control}`);
  assert.equal(refused.status, 6);
  assert.equal(trader.closing, undefined);
  const forced = await order(trader.user, `query ${control} --take-over`);
  assert.equal(forced.status, 0);
  assert.equal((await trader.closed()).isClean, true);
});

test("watch shows the stream from the beginning and goes on with it", async (t) => {
  const trader = await gateway.trader();
  trader.order({ symbol: "WATCH" });
  await trader.heard();
  await trader.logout();
  const watch = new Tool(t, "order.ts", argumentsOf(trader.user, "watch"));
  const ended = watch.ended();
  await watch.untilWritten("Order Accepted");
  const other = await gateway.trader();
  other.order({ symbol: "WATCH", side: "S" });
  await other.heard();
  await watch.untilWritten("Order Executed");
  watch.child.kill("SIGINT");
  const { status, stdout } = await ended;
  assert.equal(status, 0);
  assert.match(stdout, /System Event .*start of day/);
});

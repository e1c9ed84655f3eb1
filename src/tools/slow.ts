// npm run slow: the slow orders of the last minutes, from a running gateway's admin port. --help says more.

import { messageOf } from "../base/message-of.ts";
import type { SlowOrders } from "../scribe/events/slow-order.ts";
import { OwnOutput } from "./own-output.ts";
import { parseSlowOptions, SLOW_HELP, type SlowOptions } from "./slow-options.ts";
import { groupOrders, slowReport } from "./slow-report.ts";

const STATUS = { DONE: 0, USAGE: 2, NO_GATEWAY: 5 } as const;
const BAD_REQUEST = 400;
const TIMEOUT_MS = 5000;

process.exitCode = await new OwnOutput().status(await main());

async function main(): Promise<number> {
  let options: SlowOptions | undefined;
  try {
    options = parseSlowOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${SLOW_HELP}`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(SLOW_HELP);
    return STATUS.DONE;
  }
  try {
    return await report(options);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    console.error(
      `no answer from ${options.admin}: ${messageOf(cause)}; npm start runs the gateway`,
    );
    return STATUS.NO_GATEWAY;
  }
}

async function report({ admin, over, last, by, isJson }: SlowOptions): Promise<number> {
  const query = new URLSearchParams({ over, last });
  const response = await fetch(`http://${admin}/slow.json?${query}`, {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const body: unknown = await response.json();
  if (!response.ok) {
    const { error } = body as { readonly error: string };
    console.error(
      response.status === BAD_REQUEST ? error : `${admin} has no slow orders: ${error}`,
    );
    return response.status === BAD_REQUEST ? STATUS.USAGE : STATUS.NO_GATEWAY;
  }
  const slow = body as SlowOrders;
  if (isJson) {
    const groups = by === "none" ? undefined : groupOrders(slow.orders, by);
    process.stdout.write(`${JSON.stringify({ ...slow, by, groups })}\n`);
  } else process.stdout.write(slowReport(slow, by));
  return STATUS.DONE;
}

// npm run status: how a running gateway is, in at most forty lines, through its control socket: with the scribe dead too.

import { reasonOf } from "../base/fault.ts";
import { askGateway } from "./control-client.ts";
import { CONTROL_HELP, CONTROL_OPTIONS, socketOf } from "./control-options.ts";
import { OwnOutput } from "./own-output.ts";
import { parseOnce } from "./parse-once.ts";
import { type StatusAnswer, statusText } from "./status-text.ts";

const HELP = `npm run status -- [options]

${CONTROL_HELP}
  --json           everything there is, as one line of JSON

Ends with status 0, or 1 when the gateway does not answer, or 2 when it was asked for something impossible, or 3
when the answer cannot be written.`;

const STATUS_NO_ANSWER = 1;
const STATUS_BAD_REQUEST = 2;

process.exitCode = await new OwnOutput().status(await run());

async function run(): Promise<number> {
  let socket: string;
  let isJson: boolean;
  try {
    const options = { ...CONTROL_OPTIONS, json: { type: "boolean", default: false } } as const;
    const { values } = parseOnce({ options });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      return 0;
    }
    socket = socketOf(values);
    isJson = values.json;
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n\n${HELP}\n`);
    return STATUS_BAD_REQUEST;
  }
  try {
    const { ok, result, error } = await askGateway(socket, { command: "status" });
    if (!ok) throw new Error(error?.message);
    const text = isJson ? JSON.stringify(result) : statusText(result as StatusAnswer);
    process.stdout.write(`${text}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`no gateway answers at ${socket}: ${reasonOf(error)}\n`);
    return STATUS_NO_ANSWER;
  }
}

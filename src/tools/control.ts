// npm run control: asks a running gateway whatever its control socket knows, and shows the answer. npm run profile is
// the same with one command.

import { reasonOf } from "../base/fault.ts";
import { askGateway } from "./control-client.ts";
import {
  CONTROL_HELP,
  CONTROL_OPTIONS,
  type ControlRequest,
  requestOf,
  socketOf,
} from "./control-options.ts";
import { OwnOutput } from "./own-output.ts";
import { parseOnce } from "./parse-once.ts";

const HELP = `npm run control -- COMMAND [name=value…] [options]
npm run profile -- THREAD [10s] [options]

  status [account=ALICE]     as npm run status -- --json, or whether somebody is logged in
  dump [limit=200] [account=ALICE]
                             each connection, ring and lane, and what it waits for; who waits comes first
  profile THREAD [10s]       what a thread does, as a .cpuprofile: gate, lane0, scribe, keeper
  sampling [set='{"limit":{"percent":50}}']
                             how much is logged
  capture-start file=PATH    begins to write what clients send and get; see ops/capture.md
  capture-stop               ends it, and says what is in the file
  drain                      ends the process
  roll [stop=true]           ends the session and begins the next; with stop, ends the process instead: what starts
                             then begins one of its own, with another build or another lanes.count if need be

${CONTROL_HELP}

Ends with status 0, or 1 when the gateway refuses or does not answer, or 2 when this command line is wrong, or 3 when
it was done and the answer cannot be written.`;

const STATUS_REFUSED = 1;
const STATUS_BAD_REQUEST = 2;
/** Whoever asks how things are wants to hear soon that nobody answers. */
const LOOKS: readonly string[] = ["status", "dump"];
const LOOK_MS_MAX = 5_000;
/** A roll waits for the next session, a profile for its end. */
const ANSWER_MS_MAX = 120_000;

process.exitCode = await new OwnOutput().status(await run());

async function run(): Promise<number> {
  let socket: string;
  let request: ControlRequest;
  try {
    const { values, positionals } = parseOnce({ options: CONTROL_OPTIONS, allowPositionals: true });
    if (values.help) {
      process.stdout.write(`${HELP}\n`);
      return 0;
    }
    request = requestOf(positionals);
    socket = socketOf(values);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n\n${HELP}\n`);
    return STATUS_BAD_REQUEST;
  }
  const answerMsMax = LOOKS.includes(request.command) ? LOOK_MS_MAX : ANSWER_MS_MAX;
  try {
    const { ok, result, error } = await askGateway(socket, request, answerMsMax);
    if (!ok) {
      process.stderr.write(`${error?.code}: ${error?.message}\n`);
      return STATUS_REFUSED;
    }
    process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`no gateway answers at ${socket}: ${reasonOf(error)}\n`);
    return STATUS_REFUSED;
  }
}

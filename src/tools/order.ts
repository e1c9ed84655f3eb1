// npm run order: logs in, sends one request, shows every answer decoded. --help says more.

import { messageOf } from "../base/message-of.ts";
import { summaryOf } from "../protocol/ouch/describe.ts";
import { DisableOrderEntryResponse } from "../protocol/ouch/disable-order-entry-response.ts";
import { EnableOrderEntryResponse } from "../protocol/ouch/enable-order-entry-response.ts";
import { MassCancelResponse } from "../protocol/ouch/mass-cancel-response.ts";
import { OrderAccepted } from "../protocol/ouch/order-accepted.ts";
import { OrderCanceled } from "../protocol/ouch/order-canceled.ts";
import { OrderModified } from "../protocol/ouch/order-modified.ts";
import { OrderRejected } from "../protocol/ouch/order-rejected.ts";
import { OrderReplaced } from "../protocol/ouch/order-replaced.ts";
import { OrderClient, type ReceivedMessage } from "./client/order-client.ts";
import { askGateway } from "./control-client.ts";
import { ORDER_HELP, type OrderOptions, parseOrderOptions } from "./order-options.ts";
import { OwnOutput } from "./own-output.ts";

const STATUS = {
  ACCEPTED: 0,
  REJECTED: 1,
  USAGE: 2,
  IGNORED: 3,
  LOGIN_REFUSED: 4,
  NO_CONNECTION: 5,
  ATTACHED: 6,
  UNWRITABLE: 7,
} as const;
type Status = (typeof STATUS)[keyof typeof STATUS];

const output = new OwnOutput();

async function main(): Promise<Status> {
  let options: OrderOptions | undefined;
  try {
    options = parseOrderOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${ORDER_HELP}`);
    return STATUS.USAGE;
  }
  if (options === undefined) {
    console.log(ORDER_HELP);
    return STATUS.ACCEPTED;
  }
  try {
    if (!options.takesOver && (await isAttached(options))) {
      console.error(`${options.user} is attached; --take-over would end that connection`);
      return STATUS.ATTACHED;
    }
  } catch (error) {
    const why = `no gateway answers at ${options.control}: ${messageOf(error)}`;
    console.error(`${why}; --take-over does not ask there`);
    return STATUS.NO_CONNECTION;
  }
  try {
    return await trade(options);
  } catch (error) {
    const { host, port } = options;
    const code = (error as NodeJS.ErrnoException).code;
    console.error(
      code === "ECONNREFUSED"
        ? `nothing listens on ${host}:${port}; npm start runs the gateway`
        : messageOf(error),
    );
    return STATUS.NO_CONNECTION;
  }
}

async function trade(options: OrderOptions): Promise<Status> {
  const client = await OrderClient.connect(options);
  const isWatching = options.command === "watch";
  const login = await client.login(options.user, options.password, {
    session: options.session,
    sequence: isWatching ? options.from : 0,
  });
  if (!login.isAccepted) {
    for (const text of client.debugTexts) note(options, text);
    const why = { A: "user or password is wrong", S: "no such session or sequence number" };
    console.error(`login refused: ${why[login.reason as "A" | "S"] ?? login.reason}`);
    return STATUS.LOGIN_REFUSED;
  }
  note(options, `${options.user} in session ${login.session}, next message ${login.sequence}`);
  if (isWatching) return watch(client, options);

  // Each channel of an account counts its own numbers.
  const channel = options.tags?.USER_REF_IDX;
  const tags = channel === undefined ? {} : { tags: { USER_REF_IDX: channel } };
  await client.learnNextNumber(tags);
  const isQuery = options.command === "query";
  for (const message of client.messages.slice(0, isQuery ? undefined : -1)) show(options, message);
  if (isQuery) return leave(client, options, STATUS.ACCEPTED);

  const before = client.messages.length;
  const number = request(client, options);
  // The answer to a query comes after everything that the request itself causes.
  await client.learnNextNumber(tags);
  const answers = client.messages.slice(before, -1);
  for (const message of answers) show(options, message);
  return leave(client, options, outcomeOf(options, number, answers));
}

async function leave(client: OrderClient, options: OrderOptions, status: Status): Promise<Status> {
  for (const text of client.debugTexts) note(options, text);
  await client.logout();
  return status;
}

/** Prints everything until the connection ends, or Ctrl-C. */
async function watch(client: OrderClient, options: OrderOptions): Promise<Status> {
  let isInterrupted = false;
  const leave = (): void => {
    isInterrupted = true;
    client.session.logout();
  };
  process.once("SIGINT", leave);
  output.whenLost(leave);
  const closed = client.closed({ mayTakeForEver: true });
  for await (const message of client.stream()) show(options, message);
  const { reason } = await closed;
  if (isInterrupted) return STATUS.ACCEPTED;
  // A gateway that closes says why.
  const why = client.debugTexts.at(-1) ?? reason;
  console.error(client.isEnded ? "the session has ended" : `the connection ended: ${why}`);
  return STATUS.NO_CONNECTION;
}

/** Sends the one request. Returns the UserRefNum that its answer will name. */
function request(client: OrderClient, options: OrderOptions): number {
  const { order, quantity, firm, symbol, side, price } = options;
  const tags = options.tags === undefined ? {} : { tags: options.tags };
  const clOrdId = options.clOrdId === undefined ? {} : { clOrdId: options.clOrdId };
  const number = options.number === undefined ? {} : { userRefNum: options.number };
  const { timeInForce, display, capacity, interMarketSweep, crossType } = options;
  switch (options.command) {
    case "enter":
      return client.enter({
        ...number,
        side,
        quantity,
        symbol,
        price,
        timeInForce,
        display,
        capacity,
        interMarketSweep,
        crossType,
        ...clOrdId,
        ...tags,
      });
    case "replace":
      return client.replace({
        ...number,
        origUserRefNum: order,
        quantity,
        price,
        timeInForce,
        display,
        interMarketSweep,
        ...clOrdId,
        ...tags,
      });
    case "cancel":
      client.cancel({ userRefNum: order, quantity, ...tags });
      return order;
    case "modify":
      client.modify({ userRefNum: order, side, quantity, ...tags });
      return order;
    case "mass-cancel":
      return client.massCancel({ ...number, firm, symbol, ...tags });
    case "disable":
      return client.disable({ ...number, firm, ...tags });
    case "enable":
      return client.enable({ ...number, firm, ...tags });
    default:
      throw new Error(`${options.command} sends no request`);
  }
}

/** What the messages say about the request: its answer, or none. */
function outcomeOf(
  options: OrderOptions,
  number: number,
  messages: readonly ReceivedMessage[],
): Status {
  const isAnswer = (message: ReceivedMessage): boolean => answeredNumber(message) === number;
  const isTargetGone = (message: ReceivedMessage): boolean =>
    message.type === "C" && answeredNumber(message) === options.order;
  const answer = messages.find((message) => message.type !== "E" && isAnswer(message));
  if (answer) return answer.type === "J" ? STATUS.REJECTED : STATUS.ACCEPTED;
  if (options.command === "replace" && messages.some(isTargetGone)) {
    note(options, "the replace was invalid: OUCH cancels the order it names");
    return STATUS.REJECTED;
  }
  note(options, "no answer: the order is not live, nothing would change, or the number was used");
  return STATUS.IGNORED;
}

/** The UserRefNum that an answer is about; −1 when it is about none. */
function answeredNumber({ type, view }: ReceivedMessage): number {
  switch (type) {
    case "A":
      return new OrderAccepted().wrap(view, 0).userRefNum;
    case "J":
      return new OrderRejected().wrap(view, 0).userRefNum;
    case "U":
      return new OrderReplaced().wrap(view, 0).userRefNum;
    case "C":
      return new OrderCanceled().wrap(view, 0).userRefNum;
    case "M":
      return new OrderModified().wrap(view, 0).userRefNum;
    case "X":
      return new MassCancelResponse().wrap(view, 0).userRefNum;
    case "G":
      return new DisableOrderEntryResponse().wrap(view, 0).userRefNum;
    case "K":
      return new EnableOrderEntryResponse().wrap(view, 0).userRefNum;
    default:
      return -1;
  }
}

/** Whether somebody else is logged in as the account, as far as the control socket can say. */
async function isAttached(options: OrderOptions): Promise<boolean> {
  if (options.control === undefined) return false;
  const account = options.user.toUpperCase();
  try {
    const answer = await askGateway(options.control, { command: "status", scope: { account } });
    const result = answer.result as { account?: { attached?: unknown } } | undefined;
    return result?.account?.attached === true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (options.isControlAssumed && (code === "ENOENT" || code === "ECONNREFUSED")) return false;
    throw error;
  }
}

function show({ isJson }: OrderOptions, { sequence, fields }: ReceivedMessage): void {
  if (isJson) console.log(JSON.stringify({ sequence, ...fields }));
  else console.log(`${String(sequence).padStart(6)}  ${summaryOf(fields)}`);
}

/** For people only. */
function note({ isJson }: OrderOptions, text: string): void {
  if (!isJson) console.log(`        ${text}`);
}

process.exitCode = await output.status(await main(), STATUS.UNWRITABLE);

// The command line of npm run order: one request, in the words of OUCH.

import { isLoopback } from "../config/cross-checks.ts";
import { readConfig } from "../config/read-config.ts";
import {
  PRICE_LIMIT_MAX,
  PRICE_MARKET,
  PRICE_UNITS_PER_DOLLAR,
  QUANTITY_MAX,
} from "../protocol/ouch/codes.ts";
import { TAG } from "../protocol/ouch/tag.ts";
import type { TagFields, TagName } from "./client/order-messages.ts";
import { socketOf } from "./control-options.ts";
import { mustBeOnce, parseOnce } from "./parse-once.ts";
import { givenPassword, PASSWORD_VARIABLE } from "./password-option.ts";

export const COMMANDS = [
  "enter",
  "replace",
  "cancel",
  "modify",
  "mass-cancel",
  "disable",
  "enable",
  "query",
  "watch",
] as const;
export type Command = (typeof COMMANDS)[number];

export const ORDER_HELP = `npm run order -- COMMAND [options]

  enter        --side B|S|T|E --quantity N --symbol AAPL --price 189.50|market
               [--tif 0|3|5|6|E] [--display Y|N|A] [--capacity A|P|R|O] [--iso Y|N] [--cross N]
  replace      --order N --quantity N --price P [--tif] [--display] [--iso]
               quantity: the total of the order and its replacements, executed shares included
  cancel       --order N [--quantity N]   to a smaller total; without it, all that is open
  modify       --order N --side S --quantity N
  mass-cancel  --firm LIME [--symbol AAPL] [--tag SIDE=B]
  disable, enable  --firm LIME
  query        the next UserRefNum
  watch        [--from N]   every message from number N (1) on, until Ctrl-C

every command
  --user ALICE --password DEMO   the account (these are the demo configuration's); the password may be given in the
                                 environment instead, as ${PASSWORD_VARIABLE}, where nobody else reads it
  --host, --port                 the gateway (as in config/gateway.json)
  --session ID                   log in to that session only: send the id you know
  --number N                     UserRefNum of the request (the next one, by Account Query); not for cancel, modify
  --cl-ord-id TEXT               your own name for the order, of enter and replace
  --tag NAME=VALUE               an optional field; may be repeated: ${Object.keys(TAG).slice(1, 4).join(", ")}, …
  --control PATH                 the gateway's control socket, to ask whether somebody is attached
                                 (that of config/gateway.json, for the gateway there)
  --take-over                    log in even so: the other connection ends
  --timeout MS                   how long to wait for an answer (5000)
  --json                         one line of JSON per message

Ends with 0 accepted, 1 rejected, 2 wrong arguments, 3 ignored (OUCH is silent on late and repeated requests),
4 login refused, 5 no connection, 6 somebody is attached, 7 the answers cannot be written.`;

export interface OrderOptions {
  readonly command: Command;
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly session: string;
  readonly timeoutMs: number;
  /** Who is to be asked whether somebody is attached; undefined = nobody can be. */
  readonly control: string | undefined;
  /** It was not named: without a gateway behind it, nobody is asked. */
  readonly isControlAssumed: boolean;
  readonly takesOver: boolean;
  readonly isJson: boolean;
  readonly from: number;
  /** UserRefNum for a request that needs a new one; undefined = ask. */
  readonly number: number | undefined;
  /** UserRefNum of the order that is replaced, canceled or modified. */
  readonly order: number;
  readonly side: string;
  readonly quantity: number;
  readonly symbol: string;
  readonly price: number;
  readonly firm: string;
  readonly timeInForce: string;
  readonly display: string;
  readonly capacity: string;
  readonly interMarketSweep: string;
  readonly crossType: string;
  readonly clOrdId: string | undefined;
  readonly tags: TagFields | undefined;
}

/** What each command cannot do without, and what else it takes beside the options of every command. */
const TAKEN: Record<
  Command,
  { readonly needed: readonly string[]; readonly also: readonly string[] }
> = {
  enter: {
    needed: ["side", "quantity", "symbol", "price"],
    also: ["tif", "display", "capacity", "iso", "cross", "number", "cl-ord-id"],
  },
  replace: {
    needed: ["order", "quantity", "price"],
    also: ["tif", "display", "iso", "number", "cl-ord-id"],
  },
  cancel: { needed: ["order"], also: ["quantity"] },
  modify: { needed: ["order", "side", "quantity"], also: [] },
  "mass-cancel": { needed: ["firm"], also: ["symbol", "number"] },
  disable: { needed: ["firm"], also: ["number"] },
  enable: { needed: ["firm"], also: ["number"] },
  query: { needed: [], also: [] },
  watch: { needed: [], also: ["from"] },
};
const OWN_OPTIONS = new Set(
  Object.values(TAKEN).flatMap(({ needed, also }) => [...needed, ...also]),
);

/** undefined = help was asked for. Throws for what cannot be. */
export function parseOrderOptions(args: string[]): OrderOptions | undefined {
  const { values, positionals, tokens } = parseOnce({
    args,
    allowPositionals: true,
    tokens: true,
    options: {
      user: { type: "string", default: "ALICE" },
      password: { type: "string" },
      host: { type: "string" },
      port: { type: "string" },
      session: { type: "string", default: "" },
      timeout: { type: "string", default: "5000" },
      control: { type: "string" },
      "take-over": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      from: { type: "string", default: "1" },
      number: { type: "string" },
      order: { type: "string" },
      side: { type: "string" },
      quantity: { type: "string" },
      symbol: { type: "string" },
      price: { type: "string" },
      firm: { type: "string" },
      tif: { type: "string", default: "0" },
      display: { type: "string", default: "Y" },
      capacity: { type: "string", default: "P" },
      iso: { type: "string", default: "N" },
      cross: { type: "string", default: "N" },
      "cl-ord-id": { type: "string" },
      tag: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.help || (positionals.length === 0 && args.length === 0)) return undefined;
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length > 1) {
    throw new Error(`one command, please: ${COMMANDS.join(", ")}`);
  }
  const given: string[] = tokens.flatMap((each) => (each.kind === "option" ? each.name : []));
  const { needed, also } = TAKEN[command];
  const missing = needed.filter((name) => !given.includes(name));
  if (missing.length > 0) throw new Error(`${command} needs ${asOptions(missing)}`);
  // What would be left out in silence: whoever gives modify a price believes that it has changed.
  const taken = [...needed, ...also];
  const stray = given.filter((name) => OWN_OPTIONS.has(name) && !taken.includes(name));
  if (stray.length > 0) throw new Error(`${command} takes no ${asOptions(stray)}`);
  const { listen } = readConfig({ configFile: undefined, settings: [] }).config;
  const host = values.host ?? listen.host;
  const port = wholeNumber("port", values.port ?? String(listen.port), 1, 65_535);
  const isConfigured = isSameHost(host, listen.host) && port === listen.port;
  return {
    command,
    user: values.user,
    password: givenPassword(values.password) ?? "DEMO",
    host,
    port,
    session: values.session,
    timeoutMs: wholeNumber("timeout", values.timeout, 1, 3_600_000),
    control: values.control ?? (isConfigured ? socketOf({}) : undefined),
    isControlAssumed: values.control === undefined,
    takesOver: values["take-over"],
    isJson: values.json,
    from: wholeNumber("from", values.from, 0, Number.MAX_SAFE_INTEGER),
    number: values.number === undefined ? undefined : userRefNum("number", values.number),
    order: userRefNum("order", values.order ?? "0"),
    side: letter("side", values.side ?? "B"),
    quantity: wholeNumber("quantity", values.quantity ?? "0", 0, QUANTITY_MAX),
    symbol: values.symbol?.toUpperCase() ?? "",
    price: parsePrice(values.price ?? "market"),
    firm: values.firm?.toUpperCase() ?? "",
    timeInForce: letter("tif", values.tif),
    display: letter("display", values.display),
    capacity: letter("capacity", values.capacity),
    interMarketSweep: letter("iso", values.iso),
    crossType: letter("cross", values.cross),
    clOrdId: values["cl-ord-id"],
    tags: parseTags(values.tag),
  };
}

const asOptions = (names: readonly string[]): string => names.map((name) => `--${name}`).join(" ");

/** "189.50" → 1895000, exactly; "market" → the price that means it. */
export function parsePrice(text: string): number {
  if (text === "market") return PRICE_MARKET;
  const [, dollars = "", fraction = ""] = /^(\d{1,6})(?:\.(\d{1,4}))?$/.exec(text) ?? [];
  const units = Number(dollars) * PRICE_UNITS_PER_DOLLAR + Number(fraction.padEnd(4, "0"));
  if (dollars === "" || units > PRICE_LIMIT_MAX) {
    throw new Error(`--price is "market" or dollars with up to four decimals, not "${text}"`);
  }
  return units;
}

function parseTags(texts: readonly string[]): TagFields | undefined {
  if (texts.length === 0) return undefined;
  const tags: TagFields = {};
  mustBeOnce(
    texts.map((text) => text.split("=")[0] ?? ""),
    "--tag ",
  );
  for (const text of texts) {
    const [name = "", value = ""] = text.split("=");
    if (!Object.hasOwn(TAG, name)) {
      throw new Error(`--tag has no ${name}; there are ${Object.keys(TAG).join(", ")}`);
    }
    tags[name as TagName] = /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return tags;
}

/** This machine has several names. */
const isSameHost = (one: string, other: string): boolean =>
  one === other || (isLoopback(one) && isLoopback(other));

const userRefNum = (name: string, text: string): number => wholeNumber(name, text, 0, 0xffffffff);

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new Error(`--${name} is a whole number from ${min} to ${max}, not "${text}"`);
}

function letter(name: string, text: string): string {
  if (/^[A-Za-z0-9]$/.test(text)) return text;
  throw new Error(`--${name} is one letter, not "${text}"`);
}

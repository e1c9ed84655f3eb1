// Where a tool sends its orders: a gateway that is there already, or one of this checkout that is started for it in
// an empty directory and ended behind it.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { ACCOUNT_NAME_LENGTH } from "../config/config-rules.ts";
import { exitText, type GatewayExit, GatewayProcess } from "./gateway-process.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Users PREFIX0… as a range of accounts in the gateway's configuration has them. */
export interface AccountRange {
  readonly prefix: string;
  readonly count: number;
  readonly password: string;
}

export interface TargetOptions {
  /** undefined = a gateway of our own. */
  readonly address: Address | undefined;
  /** Who can log in at a gateway of our own. */
  readonly accounts: AccountRange;
  /** a.b=value, for a gateway of our own. */
  readonly settings: readonly string[];
}

const STDERR_LINES_TOLD = 5;

export class LoadTarget {
  readonly address: Address;
  /** One line for people. */
  readonly text: string;
  /** Of our own gateway. */
  readonly gateway: GatewayProcess | undefined;
  private readonly directory: string | undefined;
  private isClosing = false;
  private readonly faults: string[] = [];

  private constructor(address: Address, gateway?: GatewayProcess, directory?: string) {
    this.address = address;
    this.gateway = gateway;
    this.directory = directory;
    const where = `${address.host}:${address.port}`;
    this.text = gateway ? ownText(gateway, where) : where;
  }

  /** Rejects with what a gateway says that does not come up. */
  static async open({ address, accounts, settings }: TargetOptions): Promise<LoadTarget> {
    if (address !== undefined) return new LoadTarget(address);
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), "tailgate-load-"));
    try {
      const args = gatewayArgs(accounts, settings, directory);
      const gateway = await GatewayProcess.start(args, {}, directory);
      return new LoadTarget(gateway.ready.order, gateway, directory);
    } catch (error) {
      fs.rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Our own gateway has ended although nobody asked it to. */
  onEnded(tell: () => void): void {
    void this.gateway?.ended.then((exit) => {
      if (this.isClosing) return;
      this.addFault("the gateway ended by itself with", exit);
      tell();
    });
  }

  /** Ends a gateway of our own. Resolves with what was wrong about it, in words. */
  async close(): Promise<readonly string[]> {
    const { gateway, directory } = this;
    this.isClosing = true;
    if (gateway) {
      const exit = await gateway.stop();
      if (exit.status !== 0 && this.faults.length === 0) {
        this.addFault("the gateway did not end cleanly:", exit);
      }
    }
    if (directory !== undefined) fs.rmSync(directory, { recursive: true, force: true });
    return this.faults;
  }

  /** At once. close() is still to be called. */
  kill(): void {
    this.gateway?.child.kill("SIGKILL");
  }

  private addFault(what: string, exit: GatewayExit): void {
    this.faults.push(`${what} ${exitText(exit)}`);
    this.faults.push(...(this.gateway?.stderr.slice(-STDERR_LINES_TOLD) ?? []));
  }
}

function ownText({ ready }: GatewayProcess, where: string): string {
  return `pid ${ready.pid} on ${where}, session ${ready.session}, durability ${ready.durability}`;
}

/** The gateway's own defaults, but for what a run beside other gateways needs. */
function gatewayArgs(
  { prefix, count, password }: AccountRange,
  settings: readonly string[],
  directory: string,
): string[] {
  const accounts = [{ prefix, count, password, firm: "LOAD" }];
  const all = [
    "listen.port=0",
    "admin.port=0",
    `journal.dir=${directory}`,
    `accounts=${JSON.stringify(accounts)}`,
    ...settings,
  ];
  return all.flatMap((setting) => ["--set", setting]);
}

/** PREFIX and 3 make PREFIX0, PREFIX1, PREFIX2, filled with zeros to the length of a user name. */
export function usersOf({ prefix, count }: AccountRange): string[] {
  const digits = ACCOUNT_NAME_LENGTH - prefix.length;
  return Array.from({ length: count }, (_, n) => prefix + String(n).padStart(digits, "0"));
}

/** HOST:PORT, an IPv6 address in brackets. Throws for anything else. */
export function parseAddress(name: string, text: string): Address {
  const colon = text.lastIndexOf(":");
  const host = text.slice(0, Math.max(0, colon)).replace(/^\[(.*)\]$/, "$1");
  const port = Number(text.slice(colon + 1));
  const isPort = /^\d+$/.test(text.slice(colon + 1)) && port >= 1 && port <= 65_535;
  if (host === "" || !isPort) throw new Error(`--${name} is HOST:PORT, not "${text}"`);
  return { host, port };
}

/** PREFIX:COUNT, or a count alone. Throws for anything else. */
export function parseAccounts(text: string, password: string, prefixMeant: string): AccountRange {
  const [countText = "", prefix = prefixMeant] = text.split(":").reverse();
  if (!/^[A-Za-z0-9]{1,5}$/.test(prefix) || text.split(":").length > 2) {
    throw new Error(
      `--accounts is PREFIX:COUNT, the prefix 1 to 5 letters or digits, not "${text}"`,
    );
  }
  const countMax = 10 ** (ACCOUNT_NAME_LENGTH - prefix.length);
  const count = Number(countText);
  if (!/^\d+$/.test(countText) || count < 1 || count > countMax) {
    throw new Error(`--accounts ${prefix}: 1 to ${countMax} accounts, not "${countText}"`);
  }
  return { prefix: prefix.toUpperCase(), count, password };
}

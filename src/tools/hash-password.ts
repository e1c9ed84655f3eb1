// npm run hash-password: reads a password from stdin and prints what the configuration stores for it. Not from
// the command line, where everybody on the machine could read it.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { hashPassword, SALT_BYTES } from "../config/password-hash.ts";
import { OwnOutput } from "./own-output.ts";

const HELP = `npm run --silent hash-password

Reads a password from stdin and prints what "password" of an account takes.

Ends with status 0, or 1 when no SoupBinTCP client could send it, or 2 for anything on the command line, where everybody
on the machine could read it, or 3 when it cannot be written.`;
const PASSWORD = /^[\x21-\x7e]{1,10}$/;

process.exitCode = await new OwnOutput().status(await run(process.argv.slice(2)));

async function run(words: readonly string[]): Promise<number> {
  if (words.length > 0) {
    const isAsked = words[0] === "--help";
    (isAsked ? process.stdout : process.stderr).write(`${HELP}\n`);
    return isAsked ? 0 : 2;
  }
  if (process.stdin.isTTY) process.stderr.write("password: ");
  const [line = ""] = await firstLine();
  if (PASSWORD.test(line)) {
    process.stdout.write(`${await hashPassword(line, randomBytes(SALT_BYTES))}\n`);
    return 0;
  }
  process.stderr.write("a SoupBinTCP password is 1 to 10 printable characters without spaces\n");
  return 1;
}

async function firstLine(): Promise<string[]> {
  for await (const text of createInterface({ input: process.stdin })) return [text.trimEnd()];
  return [];
}

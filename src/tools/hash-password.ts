// npm run hash-password: reads a password from stdin and prints what the configuration stores for it. Not from
// the command line, where everybody on the machine could read it.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { hashPassword, SALT_BYTES } from "../config/password-hash.ts";

const PASSWORD = /^[\x21-\x7e]{1,10}$/;

if (process.stdin.isTTY) process.stderr.write("password: ");
const [line = ""] = await firstLine();
if (PASSWORD.test(line)) {
  process.stdout.write(`${await hashPassword(line, randomBytes(SALT_BYTES))}\n`);
} else {
  process.stderr.write("a SoupBinTCP password is 1 to 10 printable characters without spaces\n");
  process.exitCode = 1;
}

async function firstLine(): Promise<string[]> {
  for await (const text of createInterface({ input: process.stdin })) return [text.trimEnd()];
  return [];
}

// npm run hash-password: reads a password from stdin and prints what the configuration stores for it. Not from
// the command line, where everybody on the machine could read it; at a terminal nothing of it is shown.

import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { hashPassword, SALT_BYTES } from "../config/password-hash.ts";
import { OwnOutput } from "./own-output.ts";

const HELP = `npm run --silent hash-password

Reads a password from stdin and prints what "password" of an account takes. At a terminal it is not shown.

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
  const [line = ""] = await (process.stdin.isTTY ? typedLine() : firstLine());
  if (PASSWORD.test(line)) {
    process.stdout.write(`${await hashPassword(line, randomBytes(SALT_BYTES))}\n`);
    return 0;
  }
  process.stderr.write("a SoupBinTCP password is 1 to 10 printable characters without spaces\n");
  return 1;
}

/** The interface would echo what it reads to its output, and does so into nothing. */
async function typedLine(): Promise<string[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // A terminal that echoes nothing hands Ctrl-C on as a letter.
  lines.on("SIGINT", () => {
    lines.close();
    process.kill(process.pid, "SIGINT");
  });
  process.stderr.write("password: ");
  for await (const text of lines) {
    process.stderr.write("\n");
    return [text.trimEnd()];
  }
  return [];
}

async function firstLine(): Promise<string[]> {
  for await (const text of createInterface({ input: process.stdin })) return [text.trimEnd()];
  return [];
}

// What is compared: a checkout, a command, or a gateway that is there already.

import fs from "node:fs";
import path from "node:path";

export type TargetSpec =
  /** Started with the start script of its own package.json. */
  | { readonly kind: "checkout"; readonly text: string; readonly settings: readonly string[] }
  /** A command line for the shell that prints the ready line on stdout and ends by SIGTERM. */
  | { readonly kind: "command"; readonly text: string; readonly settings: readonly string[] }
  /** Never started nor stopped by us. */
  | {
      readonly kind: "address";
      readonly text: string;
      readonly host: string;
      readonly port: number;
      readonly settings: readonly string[];
    };

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;
const PORT_MAX = 65_535;

/** Throws for what cannot be one, in words for whoever typed it. `option` is "--a" or "--b". */
export function parseTarget(option: string, text: string, settings: readonly string[]): TargetSpec {
  const wrong = settings.find((setting) => !/^[^=]+=/.test(setting));
  if (wrong !== undefined) throw new Error(`${option}-set is KEY=VALUE, not "${wrong}"`);
  const address = ADDRESS.exec(text);
  if (address) {
    const host = address[1] ?? address[2] ?? "";
    const port = Number(address[3]);
    if (port < 1 || port > PORT_MAX) throw new Error(`${option}: there is no port ${port}`);
    if (settings.length > 0) {
      throw new Error(`${option}-set cannot change ${text}: it is running already`);
    }
    return { kind: "address", text, host, port, settings };
  }
  if (fs.statSync(text, { throwIfNoEntry: false })?.isDirectory()) {
    const directory = path.resolve(text);
    if (!fs.existsSync(path.join(directory, "package.json"))) {
      throw new Error(`${option} ${text} is no checkout: it has no package.json`);
    }
    return { kind: "checkout", text: directory, settings };
  }
  if (text.trim() === "") throw new Error(`${option} is a checkout, a command or HOST:PORT`);
  // A single word with a slash in it, and nothing that only a shell understands, was meant as a path.
  if (/^[\w.@+-]*\/[\w.@+/-]*$/.test(text) && !fs.existsSync(text)) {
    throw new Error(`${option} ${text} is not there`);
  }
  return { kind: "command", text, settings };
}

/** One word of a shell's command line, whatever is in it. */
export const shellWord = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

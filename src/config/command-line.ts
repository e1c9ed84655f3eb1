// The words behind `npm start --`: which file, which keys, and whether to start at all.

import { parseArgs } from "node:util";
import { FaultError } from "../base/fault.ts";
import { messageOf } from "../base/message-of.ts";

export interface CommandLine {
  /** Overrides config/gateway.json. */
  readonly configFile: string | undefined;
  /** Override the file, the later ones the earlier. */
  readonly settings: readonly Setting[];
  /** Say what is wrong and what has no effect yet, and do not start. */
  readonly isCheckOnly: boolean;
  /** Where a capture goes that begins with the process. */
  readonly captureFile: string | undefined;
  readonly isHelp: boolean;
}

export interface Setting {
  /** As in `listen.port`. */
  readonly path: string;
  readonly value: unknown;
}

/** Throws a FaultError that names each word it does not understand. */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { values } = parseWords(words);
  const configFiles = values.config ?? [];
  if (configFiles.length > 1) refuse("--config is given twice; one file may override the defaults");
  const captureFiles = values.capture ?? [];
  if (captureFiles.length > 1) refuse("--capture is given twice; there is one capture at a time");
  if (captureFiles[0] === "") refuse("--capture names no file");
  return {
    configFile: configFiles[0],
    captureFile: captureFiles[0],
    settings: (values.set ?? []).map(readSetting),
    isCheckOnly: values["check-config"] ?? false,
    isHelp: values.help ?? false,
  };
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        config: { type: "string", multiple: true },
        set: { type: "string", multiple: true },
        capture: { type: "string", multiple: true },
        "check-config": { type: "boolean" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    // parseArgs says what it did not understand by throwing.
    return refuse(messageOf(error));
  }
}

/** `a.b=value`: JSON where it reads as JSON, text otherwise. */
function readSetting(word: string): Setting {
  const equals = word.indexOf("=");
  const path = word.slice(0, Math.max(0, equals));
  if (!/^[^.]+(\.[^.]+)*$/.test(path)) refuse(`--set ${path || word}: must be key.path=value`);
  const text = word.slice(equals + 1);
  return { path, value: jsonOrText(text) };
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // no JSON: the shell's user meant the words themselves
  }
}

function refuse(reason: string): never {
  throw new FaultError({ code: "CONFIG_INVALID", problems: [{ path: "command line", reason }] });
}

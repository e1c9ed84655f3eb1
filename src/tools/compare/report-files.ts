// The reports of a comparison as files.

import fs from "node:fs";
import path from "node:path";
import { makeDirectories } from "../../base/make-directories.ts";
import type { ComparisonRecord } from "./comparison-record.ts";
import { htmlReport } from "./html-report.ts";
import { summaryMarkdown } from "./summary-markdown.ts";

/** The message says what cannot be written; Node's own has no path when a disk is full. */
export class WriteError extends Error {
  constructor(name: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${name} cannot be written: ${why}`, { cause });
  }
}

/** Throws WriteError. */
export function writeText(file: string, text: string): void {
  try {
    fs.writeFileSync(file, text);
  } catch (error) {
    throw new WriteError(file, error);
  }
}

/** Makes the directory; returns what was written. Throws WriteError, or errors of the file system. */
export function writeReports(directory: string, record: ComparisonRecord): string[] {
  makeDirectories(directory);
  const files = {
    "report.json": `${JSON.stringify(record, undefined, 1)}\n`,
    "summary.md": summaryMarkdown(record),
    "report.html": htmlReport(record),
  };
  return Object.entries(files).map(([name, text]) => {
    const file = path.join(directory, name);
    writeText(file, text);
    return file;
  });
}

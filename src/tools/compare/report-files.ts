// The reports of a comparison as files.

import path from "node:path";
import { makeDirectories } from "../../base/make-directories.ts";
import { writeText } from "../write-error.ts";
import type { ComparisonRecord } from "./comparison-record.ts";
import { htmlReport } from "./html-report.ts";
import { summaryMarkdown } from "./summary-markdown.ts";

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

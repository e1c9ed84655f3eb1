// The reports of a comparison as files.

import fs from "node:fs";
import path from "node:path";
import { makeDirectories } from "../../base/make-directories.ts";
import type { ComparisonRecord } from "./comparison-record.ts";
import { htmlReport } from "./html-report.ts";
import { summaryMarkdown } from "./summary-markdown.ts";

/** Makes the directory; resolves to what was written. Throws errors of the file system. */
export function writeReports(directory: string, record: ComparisonRecord): string[] {
  makeDirectories(directory);
  const files = {
    "report.json": `${JSON.stringify(record, undefined, 1)}\n`,
    "summary.md": summaryMarkdown(record),
    "report.html": htmlReport(record),
  };
  return Object.entries(files).map(([name, text]) => {
    const file = path.join(directory, name);
    fs.writeFileSync(file, text);
    return file;
  });
}

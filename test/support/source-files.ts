// The project's own files as text, for tests that read them instead of running them.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface SourceFile {
  /** From the project's root, as in src/base/assert.ts. */
  readonly path: string;
  readonly text: string;
  /** Without comments; strings stay. */
  readonly code: string;
  /** What it imports: paths from the root for our own files, names for all else. */
  readonly imports: readonly string[];
  /** Files of ours that it starts as workers or processes: named by a URL, not imported. */
  readonly starts: readonly string[];
}

/** All files beneath a folder, in the order of their paths. A folder that is not there has none. */
export function readFolder(folder: string, extensions: readonly string[]): SourceFile[] {
  const top = join(ROOT, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && extensions.some((extension) => entry.name.endsWith(extension)),
    )
    .map((entry) => readSource(relative(ROOT, join(entry.parentPath, entry.name))))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), "utf8");
  return {
    path,
    text,
    code: withoutComments(text),
    imports: importsOf(text, path),
    starts: targetsOf(text, path, START),
  };
}

/** Line numbers stay as they were. */
export const withoutComments = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""))
    .replace(/(^|[\s;,{}()])\/\/.*$/gm, "$1");

const IMPORT = /(?:(?:^|[\s}])from\s+|\bimport\s*\(?\s*)"([^"]+)"/g;
const START = /\bnew URL\(\s*"(\.[^"]+\.ts)"/g;

export const importsOf = (text: string, path: string): string[] => targetsOf(text, path, IMPORT);

function targetsOf(text: string, path: string, pattern: RegExp): string[] {
  return [...withoutComments(text).matchAll(pattern)].map(([, target = ""]) =>
    target.startsWith(".") ? relative(ROOT, join(ROOT, dirname(path), target)) : target,
  );
}

// Keys that stand twice in an object of a JSON text. JSON.parse keeps the last and says nothing: whoever adds a second
// "journal" to his file would start with the defaults of all that stood in the first.

import { joinPath } from "./rule.ts";

/** In JSON a string before a colon is always a key. */
const TOKEN = /("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g;

interface OpenPart {
  readonly path: string;
  readonly keys: Set<string>;
}

/** Paths of those keys, an item of a list as "*". The text must be JSON. */
export function repeatedKeys(json: string): string[] {
  const repeated: string[] = [];
  const open: OpenPart[] = [];
  let path = ""; // of the value that comes next
  for (const [token, quotedKey] of json.matchAll(TOKEN)) {
    const part = open.at(-1);
    if (quotedKey !== undefined && part !== undefined) {
      const key: string = JSON.parse(quotedKey);
      path = joinPath(part.path, key);
      if (part.keys.has(key)) repeated.push(path);
      part.keys.add(key);
    } else if (token === "{") {
      open.push({ path, keys: new Set() });
    } else if (token === "[") {
      path = joinPath(path, "*");
      open.push({ path, keys: new Set() });
    } else if (token === "}" || token === "]") {
      open.pop();
      path = open.at(-1)?.path ?? "";
    }
  }
  return repeated;
}

// Somebody whom the kernel refuses what a directory's mode says: root is refused nothing.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const NOBODY = 65_534;
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

export interface PlainUser {
  readonly uid: number;
  readonly gid: number;
}

/** We ourselves, or nobody when we are root; undefined where nobody may not read the project. */
export function plainUser(): PlainUser | undefined {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid };
  const nobody = { uid: NOBODY, gid: NOBODY };
  const reads = `require("node:fs").readFileSync(${JSON.stringify(MAIN)})`;
  const { status } = spawnSync(process.execPath, ["--eval", reads], { cwd: "/", ...nobody });
  return status === 0 ? nobody : undefined;
}

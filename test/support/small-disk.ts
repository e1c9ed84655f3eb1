// A real file system of a few megabytes for a test, where the machine lets us mount one.

import { spawnSync } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PIECE = Buffer.alloc(16 * 1024, 1);

export class SmallDisk {
  readonly directory: string;
  private readonly ballast: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.ballast = join(directory, "ballast");
  }

  /** `filesMax`: with its root and other directories; 0: any number. Undefined where nothing may be mounted. To be removed when nobody uses it any more. */
  static mount(bytes: number, filesMax = 0): SmallDisk | undefined {
    const directory = mkdtempSync(join(tmpdir(), "tailgate-disk-"));
    const options = [
      "-t",
      "tmpfs",
      "-o",
      `size=${bytes},nr_inodes=${filesMax}`,
      "tailgate-test",
      directory,
    ];
    if (spawnSync("mount", options).status === 0) return new SmallDisk(directory);
    rmdirSync(directory);
    return undefined;
  }

  /** Others take what there is, up to such a share of the disk. */
  fill(share: number): void {
    const descriptor = openSync(this.ballast, "a");
    try {
      while (this.usedShare < share) writeSync(descriptor, PIECE);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /** They give it back. */
  free(): void {
    rmSync(this.ballast, { force: true });
  }

  remove(): void {
    // Lazily: a gateway that a failed test has left behind may still be there.
    spawnSync("umount", ["-l", this.directory]);
    rmdirSync(this.directory);
  }

  private get usedShare(): number {
    const { blocks, bfree } = statfsSync(this.directory);
    return 1 - bfree / blocks;
  }
}

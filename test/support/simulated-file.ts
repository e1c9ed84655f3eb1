// One file of a SimulatedDisk: what processes see, what is on the disk, and what has not got there yet.

import type { SeededRandom } from "./seeded-random.ts";

const SECTOR_BYTES = 512;

/** Growing bytes. */
class Content {
  bytes = Buffer.alloc(0);
  size = 0;

  resize(size: number): void {
    if (size > this.bytes.length) {
      const bytes = Buffer.alloc(Math.max(size, 2 * this.bytes.length));
      this.bytes.copy(bytes);
      this.bytes = bytes;
    }
    if (size < this.size) this.bytes.fill(0, size, this.size);
    this.size = size;
  }

  apply(change: Change): void {
    if (change.bytes === undefined) {
      this.resize(change.position);
      return;
    }
    this.resize(Math.max(this.size, change.position + change.bytes.length));
    change.bytes.copy(this.bytes, change.position);
  }
}

/** A write; without bytes, a truncation at `position`. */
export interface Change {
  readonly position: number;
  readonly bytes: Buffer | undefined;
}

export class FileNode {
  readonly seen = new Content();
  readonly durable = new Content();
  unsynced: Change[] = [];

  change(change: Change): void {
    this.seen.apply(change);
    this.unsynced.push(change);
  }

  sync(): void {
    for (const change of this.unsynced) this.durable.apply(change);
    this.unsynced = [];
  }

  losePower(random: SeededRandom | undefined): void {
    if (random !== undefined) this.keepSome(random);
    this.unsynced = [];
    this.seen.resize(this.durable.size);
    this.durable.bytes.copy(this.seen.bytes, 0, 0, this.durable.size);
  }

  /** Sectors are written whole, each at a moment of its own. */
  private keepSome(random: SeededRandom): void {
    const later = new Content();
    later.resize(this.durable.size);
    this.durable.bytes.copy(later.bytes, 0, 0, this.durable.size);
    // All, none, or a coin for each: tears happen in the third case, and the others must not be rare.
    const mood = random.pick(["all", "none", "coin"]);
    for (const change of this.unsynced) {
      later.apply(change);
      if (change.bytes === undefined) continue;
      const end = change.position + change.bytes.length;
      const first = change.position - (change.position % SECTOR_BYTES);
      for (let sector = first; sector < end; sector += SECTOR_BYTES) {
        if (mood === "none" || (mood === "coin" && random.below(2) === 0)) continue;
        const sectorEnd = Math.min(sector + SECTOR_BYTES, later.size);
        this.durable.resize(Math.max(this.durable.size, sectorEnd));
        later.bytes.copy(this.durable.bytes, sector, sector, sectorEnd);
      }
    }
    if (mood === "all") this.durable.resize(later.size);
  }
}

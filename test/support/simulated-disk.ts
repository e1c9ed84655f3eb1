// A disk in memory under `Files` that keeps apart what processes see (the page cache) and what a power loss leaves. It is
// stricter than most file systems: fdatasync makes a file's bytes and size last, but its name lasts only when its directory
// has been synced, renames and removals likewise. It fails, fills up, stops short and dies when a test says so.

import { basename, dirname } from "node:path";
import type { Files } from "../../src/journal/files.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { FileNode } from "./simulated-file.ts";
import { systemError } from "./system-error.ts";

type Operation = keyof Files;

/** One call, before it does anything. */
export interface DiskCall {
  readonly operation: Operation;
  readonly path: string;
}

/** What a crash leaves of that which was not synced. */
export type CrashKeep =
  /** Power loss: nothing. */
  | { readonly kind: "synced" }
  /** Power loss: each sector as it was at some moment since the last sync. */
  | { readonly kind: "some"; readonly random: SeededRandom }
  /** The process died alone: everything, and it is as little on the disk as before. */
  | { readonly kind: "everything" };

class DirectoryNode {
  seen = new Map<string, FileNode | DirectoryNode>();
  durable = new Map<string, FileNode | DirectoryNode>();
}

/** A name that was given or taken away, in the order of time. */
interface NameChange {
  readonly directory: DirectoryNode;
  readonly name: string;
  readonly node: FileNode | DirectoryNode | undefined;
  /** Given and taken by one rename: a journaling file system does both or neither. */
  readonly withNext: boolean;
}

interface Failure {
  readonly operation: Operation;
  readonly errno: string;
  /** Calls that still succeed. */
  after: number;
  /** How many then fail. */
  times: number;
}

export class SimulatedDisk implements Files {
  /** Called before each call takes effect; what it throws, the caller gets. */
  before: (call: DiskCall) => void = () => {};
  /** No write takes more. */
  writeBytesMax = Number.POSITIVE_INFINITY;
  capacityBytes = Number.POSITIVE_INFINITY;
  /** Overrides what space() computes. */
  usedShare: number | undefined = undefined;

  private readonly root = new DirectoryNode();
  private readonly opened = new Map<number, { node: FileNode; path: string; canWrite: boolean }>();
  private readonly calls = new Map<Operation, number>();
  private nameChanges: NameChange[] = [];
  private failures: Failure[] = [];
  private nextDescriptor = 1000;

  constructor(...directories: string[]) {
    for (const directory of directories) this.makePath(directory);
  }

  /** Makes the call after the next `after` of its kind fail, `times` times. */
  fail(operation: Operation, errno: string, after = 0, times = 1): void {
    this.failures.push({ operation, errno, after, times });
  }
  mend(): void {
    this.failures = [];
  }
  /** Calls so far. */
  count(operation: Operation): number {
    return this.calls.get(operation) ?? 0;
  }
  get openDescriptors(): number {
    return this.opened.size;
  }

  /** All descriptors are gone; see CrashKeep for the rest. */
  crash(keep: CrashKeep): void {
    this.opened.clear();
    if (keep.kind === "everything") return;
    const random = keep.kind === "some" ? keep.random : undefined;
    if (random !== undefined) this.keepSomeNames(random);
    this.nameChanges = [];
    losePower(this.root, random, new Set());
  }

  /** The file's bytes as a process sees them. */
  bytesOf(path: string): Buffer {
    const { seen } = this.fileAt(path, "read");
    return Buffer.from(seen.bytes.subarray(0, seen.size));
  }

  /** Puts a whole file there, on the disk and with its directories. */
  put(path: string, bytes: Buffer): void {
    const directory = this.makePath(dirname(path));
    const node = new FileNode();
    node.change({ position: 0, bytes: Buffer.from(bytes) });
    node.sync();
    directory.seen.set(basename(path), node);
    directory.durable.set(basename(path), node);
  }

  /** Damage: the bytes change beneath everybody. */
  damage(path: string, position: number, bytes: Buffer): void {
    const node = this.fileAt(path, "write");
    node.seen.apply({ position, bytes });
    node.durable.apply({ position, bytes });
  }

  /** An equal disk on which everything is synced. */
  copy(): SimulatedDisk {
    const disk = new SimulatedDisk();
    const copyAll = (directory: DirectoryNode, path: string): void => {
      for (const [name, node] of directory.seen) {
        if (node instanceof FileNode) disk.put(`${path}/${name}`, this.bytesOf(`${path}/${name}`));
        else {
          disk.makePath(`${path}/${name}`);
          copyAll(node, `${path}/${name}`);
        }
      }
    };
    copyAll(this.root, "");
    return disk;
  }

  // Files

  open(path: string, isNew: boolean): number {
    this.begin("open", path);
    const directory = this.directoryAt(dirname(path), "open");
    const found = directory.seen.get(basename(path));
    if (isNew && found !== undefined) throw systemError("EEXIST", "open", path);
    if (isNew) {
      const node = new FileNode();
      this.setName(directory, basename(path), node, false);
      return this.give(node, path, true);
    }
    return this.give(this.fileAt(path, "open"), path, true);
  }
  openToRead(path: string): number {
    this.begin("openToRead", path);
    return this.give(this.fileAt(path, "open"), path, false);
  }
  close(descriptor: number): void {
    const { path } = this.of(descriptor, "close");
    this.begin("close", path);
    this.opened.delete(descriptor);
  }
  write(
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number {
    const { node, path, canWrite } = this.of(descriptor, "write");
    this.begin("write", path);
    if (!canWrite) throw systemError("EBADF", "write", path);
    const room = Math.max(0, this.capacityBytes - this.usedBytes() + node.seen.size - position);
    const written = Math.min(length, this.writeBytesMax, room);
    if (written === 0 && length > 0) throw systemError("ENOSPC", "write", path);
    node.change({ position, bytes: Buffer.from(bytes.subarray(offset, offset + written)) });
    return written;
  }
  read(
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number {
    const { node, path } = this.of(descriptor, "read");
    this.begin("read", path);
    const end = Math.min(node.seen.size, position + length);
    return end <= position ? 0 : node.seen.bytes.copy(bytes, offset, position, end);
  }
  sync(descriptor: number): void {
    const { node, path } = this.of(descriptor, "sync");
    try {
      this.begin("sync", path);
    } catch (error) {
      // As Linux does: the pages count as clean, and no later sync writes them.
      if ((error as NodeJS.ErrnoException).code === "EIO") node.unsynced = [];
      throw error;
    }
    node.sync();
  }
  size(descriptor: number): number {
    const { node, path } = this.of(descriptor, "size");
    this.begin("size", path);
    return node.seen.size;
  }
  truncate(descriptor: number, bytes: number): void {
    const { node, path } = this.of(descriptor, "truncate");
    this.begin("truncate", path);
    node.change({ position: bytes, bytes: undefined });
  }
  exists(path: string): boolean {
    this.begin("exists", path);
    return this.find(path) !== undefined;
  }
  list(directory: string): string[] {
    this.begin("list", directory);
    return [...this.directoryAt(directory, "list").seen.keys()].sort();
  }
  makeDirectory(path: string): void {
    this.begin("makeDirectory", path);
    const parent = this.directoryAt(dirname(path), "mkdir");
    if (parent.seen.has(basename(path))) throw systemError("EEXIST", "mkdir", path);
    this.setName(parent, basename(path), new DirectoryNode(), false);
  }
  syncDirectory(path: string): void {
    this.begin("syncDirectory", path);
    const directory = this.directoryAt(path, "fsync");
    const left: NameChange[] = [];
    let isMoved = false;
    for (const change of this.nameChanges) {
      // A rename lasts with its new name; the old one goes with it. Syncing the old name's directory alone loses both.
      if (change.directory === directory || isMoved) keepName(change);
      else left.push(change);
      isMoved = change.withNext && change.directory === directory;
    }
    this.nameChanges = left;
  }
  rename(from: string, to: string): void {
    this.begin("rename", from);
    const node = this.find(from);
    if (node === undefined) throw systemError("ENOENT", "rename", from);
    this.setName(this.directoryAt(dirname(to), "rename"), basename(to), node, true);
    this.setName(this.directoryAt(dirname(from), "rename"), basename(from), undefined, false);
  }
  remove(path: string): void {
    this.begin("remove", path);
    this.fileAt(path, "unlink");
    this.setName(this.directoryAt(dirname(path), "unlink"), basename(path), undefined, false);
  }
  space(path: string): { readonly bytesFree: number; readonly usedShare: number } {
    this.begin("space", path);
    const used = this.usedBytes();
    return {
      bytesFree: this.capacityBytes - used,
      usedShare: this.usedShare ?? used / this.capacityBytes,
    };
  }

  private begin(operation: Operation, path: string): void {
    this.calls.set(operation, this.count(operation) + 1);
    this.before({ operation, path });
    for (const failure of this.failures) {
      if (failure.operation !== operation || failure.times === 0) continue;
      if (failure.after-- > 0) continue;
      failure.after = 0;
      failure.times--;
      throw systemError(failure.errno, operation, path);
    }
  }

  private usedBytes(): number {
    if (this.capacityBytes === Number.POSITIVE_INFINITY) return 0;
    const bytesIn = (directory: DirectoryNode): number =>
      [...directory.seen.values()].reduce(
        (sum, node) => sum + (node instanceof FileNode ? node.seen.size : bytesIn(node)),
        0,
      );
    return bytesIn(this.root);
  }

  private keepSomeNames(random: SeededRandom): void {
    let kept = random.below(this.nameChanges.length + 1);
    while (kept > 0 && this.nameChanges[kept - 1]?.withNext === true) kept--;
    for (const change of this.nameChanges.slice(0, kept)) keepName(change);
  }

  private setName(
    directory: DirectoryNode,
    name: string,
    node: FileNode | DirectoryNode | undefined,
    withNext: boolean,
  ): void {
    if (node === undefined) directory.seen.delete(name);
    else directory.seen.set(name, node);
    this.nameChanges.push({ directory, name, node, withNext });
  }

  private give(node: FileNode, path: string, canWrite: boolean): number {
    const descriptor = this.nextDescriptor++;
    this.opened.set(descriptor, { node, path, canWrite });
    return descriptor;
  }
  private of(descriptor: number, operation: string) {
    const file = this.opened.get(descriptor);
    if (file === undefined) throw systemError("EBADF", operation, `descriptor ${descriptor}`);
    return file;
  }

  private find(path: string): FileNode | DirectoryNode | undefined {
    let node: FileNode | DirectoryNode | undefined = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      if (!(node instanceof DirectoryNode)) return undefined;
      node = node.seen.get(name);
    }
    return node;
  }
  private fileAt(path: string, operation: string): FileNode {
    const node = this.find(path);
    if (node === undefined) throw systemError("ENOENT", operation, path);
    if (!(node instanceof FileNode)) throw systemError("EISDIR", operation, path);
    return node;
  }
  private directoryAt(path: string, operation: string): DirectoryNode {
    const node = this.find(path);
    if (node === undefined) throw systemError("ENOENT", operation, path);
    if (!(node instanceof DirectoryNode)) throw systemError("ENOTDIR", operation, path);
    return node;
  }
  private makePath(path: string): DirectoryNode {
    let node = this.root;
    for (const name of path.split("/").filter((part) => part !== "")) {
      let next = node.seen.get(name);
      if (next === undefined) {
        next = new DirectoryNode();
        node.seen.set(name, next);
        node.durable.set(name, next);
      }
      if (!(next instanceof DirectoryNode)) throw systemError("ENOTDIR", "mkdir", path);
      node = next;
    }
    return node;
  }
}

function keepName({ directory, name, node }: NameChange): void {
  if (node === undefined) directory.durable.delete(name);
  else directory.durable.set(name, node);
}

function losePower(
  directory: DirectoryNode,
  random: SeededRandom | undefined,
  visited: Set<FileNode>,
): void {
  directory.seen = new Map(directory.durable);
  for (const node of directory.seen.values()) {
    if (node instanceof DirectoryNode) losePower(node, random, visited);
    else if (!visited.has(node)) {
      visited.add(node);
      node.losePower(random);
    }
  }
}

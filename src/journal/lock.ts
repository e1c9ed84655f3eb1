// One gateway per journal.dir (E33): an exclusive transaction on a file that has no other use. The kernel ends it with
// the process, however that dies, so a dead owner never blocks. Main thread, before anything is read.

import { closeSync, lstatSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { errnoOf } from "../base/errno-of.ts";
import { FaultError, reasonOf } from "../base/fault.ts";
import { RemovalWatch } from "../base/removal-watch.ts";
import { placeFault } from "./file-faults.ts";
import { errnoOfWriting } from "./writable.ts";

const LOCK_NAME = "lock";
/** SQLite's own, beside it. */
const LOCK_NAMES = [LOCK_NAME, `${LOCK_NAME}-journal`];
const REMOVE_IT = "remove it, then restart";
const LOST_LINK = "a link that leads nowhere";
// SQLite's result codes.
const BUSY = 5;
const LOCKED = 6;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const NOT_A_DATABASE = 26;
/** The rest says more exactly what it was. */
const CODE_MASK = 0xff;

/** A database that nobody refers to is collected, and its lock with it: what is held is referred to here. */
const HELD = new Set<DatabaseSync>();

export interface DirectoryLock {
  release(): void;
}

/** Fails at once while another process, or another part of this one, holds the lock. */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, LOCK_NAME);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    throw lockFault(directory, path, error);
  }
  const held = database;
  HELD.add(held);
  return {
    release: () => {
      HELD.delete(held);
      held.close();
    },
  };
}

/**
 * As lockDirectory(), and anew as soon as somebody removes the file: the lock on a file without a name keeps nobody out.
 * When somebody else was quicker, what is thrown ends the process, because two now write the same journal. A file that
 * cannot be made, on a disk that is full, say, ends nothing: `trouble` says why there is none.
 */
export function keepLocked(
  directory: string,
  onRemoved: (trouble: string | undefined) => void,
): DirectoryLock {
  const path = join(directory, LOCK_NAME);
  let lock: DirectoryLock | undefined = lockDirectory(directory);
  let watch = new RemovalWatch(path, takeAnew);
  function takeAnew(): void {
    lock?.release();
    lock = undefined;
    try {
      lock = lockDirectory(directory);
    } catch (error) {
      if (error instanceof FaultError && error.fault.code === "JOURNAL_LOCKED") throw error;
      onRemoved(reasonOf(error));
      return;
    }
    watch = new RemovalWatch(path, takeAnew);
    onRemoved(undefined);
  }
  return {
    release: () => {
      watch.close();
      lock?.release();
    },
  };
}

function lockFault(directory: string, path: string, error: unknown): FaultError {
  const { errcode, errstr } = error as { errcode?: number; errstr?: string };
  const code = (errcode ?? 0) & CODE_MASK;
  if (code === BUSY || code === LOCKED) {
    return new FaultError({ code: "JOURNAL_LOCKED", directory });
  }
  const obstacle = inTheWay(directory, code);
  if (obstacle !== undefined) {
    return new FaultError({ code: "JOURNAL_UNWRITABLE", errno: "EEXIST", ...obstacle });
  }
  switch (code) {
    case FULL:
      return new FaultError({ code: "JOURNAL_FULL", directory, errno: "ENOSPC" });
    case IO_ERROR:
      return new FaultError({ code: "JOURNAL_IO", path, operation: "lock", errno: errstr ?? "" });
  }
  // SQLite keeps that to itself.
  const errno = errnoOfWriting(directory) ?? errnoOfOpening(path) ?? errstr ?? errnoOf(error);
  return new FaultError(placeFault(path, errno));
}

/** What the system says against it, with no lock held: closing the file would end that. Undefined: nothing. */
function errnoOfOpening(path: string): string | undefined {
  try {
    closeSync(openSync(path, "a"));
    return undefined;
  } catch (error) {
    return errnoOf(error);
  }
}

/** What stands where a file of the lock belongs; undefined: nothing does, or we may not look. */
function inTheWay(directory: string, code: number): { path: string; reason: string } | undefined {
  for (const name of LOCK_NAMES) {
    const path = join(directory, name);
    const what = whatStandsAt(path);
    if (what !== undefined) return { path, reason: `the lock is ${what}: ${REMOVE_IT}` };
  }
  if (code !== NOT_A_DATABASE && code !== CORRUPT) return undefined;
  const path = join(directory, LOCK_NAME);
  return { path, reason: `the lock has been written over: ${REMOVE_IT}; it never holds anything` };
}

/** Undefined: a file, or nothing. */
function whatStandsAt(path: string): string | undefined {
  try {
    const isFile = statSync(path, { throwIfNoEntry: false })?.isFile();
    if (isFile !== undefined) return isFile ? undefined : "no file";
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? LOST_LINK : undefined;
  } catch (error) {
    return errnoOf(error) === "ELOOP" ? LOST_LINK : undefined;
  }
}

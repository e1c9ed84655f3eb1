// Passwords as the configuration stores them: "scrypt$N$r$p$salt$hash", salt and hash in Base64. Any thread.
//
// SoupBinTCP passwords are case-insensitive: they are folded to upper case before they are hashed or compared.

import { type ScryptOptions, scrypt } from "node:crypto";

const SCHEME = "scrypt";
export const HASH_BYTES = 32;
export const SALT_BYTES = 16;

// A check costs 9 ms with these (E29).
const COST = 4096; // N
const BLOCK_SIZE = 8; // r
const PARALLELIZATION = 1; // p

// What a configuration may ask for: a check must stay below a second and the memory Node allows it.
const COST_MAX = 65_536;
const BLOCK_SIZE_MAX = 32;
const PARALLELIZATION_MAX = 16;
const WORK_BYTES_MAX = 16 * 2 ** 20; // 128 × N × r

export interface PasswordHash {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

export const foldPassword = (password: string): string => password.toUpperCase();

/** A value of the scheme must parse; anything else is a password in the clear. */
export const isHashed = (password: string): boolean => password.startsWith(`${SCHEME}$`);

export function parsePasswordHash(text: string): PasswordHash | undefined {
  const match = /^scrypt\$(\d{1,5})\$(\d{1,2})\$(\d{1,2})\$([\w+/]+={0,2})\$([\w+/]+={0,2})$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, cost, blockSize, parallelization, salt = "", hash = ""] = match;
  const parsed: PasswordHash = {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
  return isUsable(parsed) ? parsed : undefined;
}

function isUsable({ cost, blockSize, parallelization, salt, hash }: PasswordHash): boolean {
  const isPowerOfTwo = cost >= 2 && (cost & (cost - 1)) === 0;
  if (!isPowerOfTwo || cost > COST_MAX) return false;
  if (blockSize < 1 || blockSize > BLOCK_SIZE_MAX) return false;
  if (parallelization < 1 || parallelization > PARALLELIZATION_MAX) return false;
  if (128 * cost * blockSize > WORK_BYTES_MAX) return false;
  return salt.length >= 8 && hash.length === HASH_BYTES;
}

/** The text for the configuration. The caller brings the salt, so that tests bring theirs. */
export async function hashPassword(password: string, salt: Buffer): Promise<string> {
  const terms = { cost: COST, blockSize: BLOCK_SIZE, parallelization: PARALLELIZATION, salt };
  const hash = await derive(password, terms);
  const numbers = `${COST}$${BLOCK_SIZE}$${PARALLELIZATION}`;
  return `${SCHEME}$${numbers}$${salt.toString("base64")}$${hash.toString("base64")}`;
}

/** What `password` comes to under the terms of a stored hash. Runs on libuv's pool; compare in constant time. */
export function derive(password: string, terms: Omit<PasswordHash, "hash">): Promise<Buffer> {
  const options: ScryptOptions = {
    cost: terms.cost,
    blockSize: terms.blockSize,
    parallelization: terms.parallelization,
  };
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(foldPassword(password), terms.salt, HASH_BYTES, options, (error, hash) => {
    if (error === null) resolve(hash);
    else reject(error);
  });
  return promise;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  derive,
  hashPassword,
  isHashed,
  parsePasswordHash,
} from "../../src/config/password-hash.ts";

const SALT = Buffer.alloc(16, 7);
const SALT_TEXT = SALT.toString("base64");
const HASH_TEXT = Buffer.alloc(32, 9).toString("base64");

test("a hash is found again by its password in any case and by no other", async () => {
  const text = await hashPassword("Secret", SALT);
  assert.match(text, /^scrypt\$4096\$8\$1\$/);
  assert.ok(isHashed(text));
  const stored = parsePasswordHash(text);
  assert.ok(stored !== undefined);
  assert.deepEqual(stored.salt, SALT);
  assert.deepEqual(await derive("sEcReT", stored), stored.hash);
  assert.notDeepEqual(await derive("SECRETS", stored), stored.hash);
});

test("the strongest terms that the configuration takes can be derived", async () => {
  const stored = parsePasswordHash(`scrypt$16384$8$1$${SALT_TEXT}$${HASH_TEXT}`);
  assert.ok(stored !== undefined);
  assert.equal((await derive("X", stored)).length, 32);
});

for (const [name, text] of [
  ["a cost that is no power of two", `scrypt$4095$8$1$${SALT_TEXT}$${HASH_TEXT}`],
  ["a cost of one", `scrypt$1$8$1$${SALT_TEXT}$${HASH_TEXT}`],
  ["more memory than Node allows", `scrypt$32768$8$1$${SALT_TEXT}$${HASH_TEXT}`],
  ["no block", `scrypt$4096$0$1$${SALT_TEXT}$${HASH_TEXT}`],
  ["a short salt", `scrypt$4096$8$1$AAAA$${HASH_TEXT}`],
  ["a short hash", `scrypt$4096$8$1$${SALT_TEXT}$AAAA`],
  ["another scheme", `bcrypt$4096$8$1$${SALT_TEXT}$${HASH_TEXT}`],
  ["a piece too few", `scrypt$4096$8$${SALT_TEXT}$${HASH_TEXT}`],
  ["a piece too many", `scrypt$4096$8$1$${SALT_TEXT}$${HASH_TEXT}$`],
] as const) {
  test(`no password hash: ${name}`, () => {
    assert.equal(parsePasswordHash(text), undefined);
  });
}

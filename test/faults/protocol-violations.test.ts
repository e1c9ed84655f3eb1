// A client that breaks SoupBinTCP: each row of soupbintcp.md §9 that is not a fault of its own here.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { bytesOf } from "../support/hex.ts";
import type { RawConnection } from "../support/raw-connection.ts";
import { login, packet } from "../support/soup-packets.ts";

const gateway = await TestGateway.start({ after });

/** Logged in, with System Event S read. */
async function loggedIn(): Promise<{ user: string; connection: RawConnection }> {
  const user = gateway.user();
  const connection = await gateway.raw();
  connection.send(login({ userName: user, password: PASSWORD }));
  await connection.untilPacket("S");
  return { user, connection };
}

/** What came behind the login, and that the end was a FIN. */
async function lastWords(connection: RawConnection): Promise<string[]> {
  const { packets, isReset } = await connection.ended();
  assert.equal(isReset, false, "our last words may not have been readable");
  return packets.filter((text) => !/^[AS]:/.test(text));
}

function assertOneText(words: readonly string[], about: RegExp): void {
  assert.equal(words.length, 1, words.join(" "));
  assert.match(words[0] ?? "", /^\+:/);
  assert.match(words[0] ?? "", about);
}

const ALWAYS_WRONG: readonly (readonly [string, Buffer, RegExp])[] = [
  ["a length of 0", bytesOf("0000"), /at least a type/],
  ["an unknown type", packet("X"), /./],
  ["a Login Accepted", packet("A", " ".repeat(30)), /./],
  ["a Login Rejected", packet("J", "A"), /./],
  ["Sequenced Data", packet("S", "Q"), /./],
  ["a server's heartbeat", packet("H"), /./],
  ["an End of Session", packet("Z"), /./],
];

describe("before the login", () => {
  const wrong = [
    ...ALWAYS_WRONG,
    ["Unsequenced Data", packet("U", "Q"), /login/] as const,
    ["a heartbeat", packet("R"), /login/] as const,
    ["a logout", packet("O"), /login/] as const,
  ];
  for (const [name, bytes, about] of wrong) {
    test(`${name} is told in a text, and the connection is closed`, async () => {
      const connection = await gateway.raw();
      connection.send(bytes);
      assertOneText(await lastWords(connection), about);
    });
  }

  for (const payloadBytes of [0, 45, 47, 50, 52]) {
    test(`a login of ${payloadBytes} bytes is refused as not authorized`, async () => {
      const connection = await gateway.raw();
      connection.send(packet("L", " ".repeat(payloadBytes)));
      const words = await lastWords(connection);
      assert.equal(words.at(-1), "J:A");
      assert.ok(words.slice(0, -1).every((text) => text.startsWith("+:")));
    });
  }

  for (const sequence of ["", "x", "-1", "1.5", "1 1", "0x1", "１"]) {
    test(`a login that asks for number "${sequence}" is refused as not available`, async () => {
      const bytes = login({ userName: gateway.user(), password: PASSWORD });
      bytes.write(sequence.padStart(20), 3 + 26, 20, "latin1");
      const connection = await gateway.raw();
      connection.send(bytes);
      const words = await lastWords(connection);
      assert.equal(words.at(-1), "J:S");
    });
  }

  test("a debug text is nothing, and neither is an empty one", async () => {
    const connection = await gateway.raw();
    connection.send(packet("+", "hello")).send(packet("+"));
    connection.send(login({ userName: gateway.user(), password: PASSWORD }));
    await connection.untilPacket("S");
    connection.close();
  });
});

describe("behind the login", () => {
  const wrong = [
    ...ALWAYS_WRONG,
    ["a second login", login({ userName: "T00001", password: PASSWORD }), /logged in/] as const,
    ["a heartbeat with a payload", packet("R", "x"), /heartbeat/] as const,
  ];
  for (const [name, bytes, about] of wrong) {
    test(`${name} is told in a text, and the connection is closed; the stream stays`, async () => {
      const { user, connection } = await loggedIn();
      connection.send(bytes);
      assertOneText(await lastWords(connection), about);
      const back = await gateway.trader(user, { sequence: 1 });
      assert.equal(await back.nextText(), "S S");
    });
  }

  test("what came before the bad packet is answered, what comes behind it is not", async () => {
    const { user, connection } = await loggedIn();
    const query = packet("U", "Q");
    connection.send(Buffer.concat([query, query, packet("X"), query]));
    await connection.ended();
    const back = await gateway.trader(user, { sequence: 1 });
    back.order();
    await back.untilSequence(4);
    assert.deepEqual(back.allTexts, ["S S", "Q 1", "Q 1", "A 1 L"]);
  });

  test("a logout with a payload is a logout, a debug text is nothing", async () => {
    const { connection } = await loggedIn();
    connection.send(packet("+", "hello")).send(packet("U", "Q"));
    await connection.until("an answer", (all) => all.some((text) => text.startsWith("S:Q")));
    connection.send(packet("O", "bye"));
    assert.deepEqual(await lastWords(connection), []);
  });

  test("an empty Unsequenced Data is a malformed message, and no more", async () => {
    const { connection } = await loggedIn();
    connection.send(packet("U")).send(packet("U", "Q"));
    const packets = await connection.until("an answer", (all) =>
      all.some((text) => text.startsWith("S:Q")),
    );
    assert.ok(packets.some((text) => /^\+:malformed/.test(text)));
    connection.close();
  });
});

// A real session as Wireshark reads it. Stock Wireshark knows SoupBinTCP; of OUCH 5.0 it needs a Lua dissector, which
// is not ours to hand on: TAILGATE_OUCH_LUA names a local copy of Open Markets Initiative's
// Nasdaq_NsmEquities_Orders_Ouch_v5_0_Dissector.lua, and then the second pass runs too.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { describeInbound, describeOutbound } from "../../src/protocol/ouch/describe.ts";
import { FIRM, OTHER_FIRM, PASSWORD, TestGateway, testDirectory } from "../support/gateway.ts";
import { bytesOf, viewOf } from "../support/hex.ts";
import { RecordingProxy } from "../support/recording-proxy.ts";
import { dollars, Trader } from "../support/trader.ts";
import { tshark } from "../support/tshark.ts";

const LUA = process.env.TAILGATE_OUCH_LUA;
/** The mass cancel of the protocol's document: firm ABCD, MSFT, side B, group 7, UserRefIdx 5. */
const MASS_CANCEL = "43 00000005 41424344 4d53465420202020 000a 021b42 03180007 021c05";

const gateway = await TestGateway.start(
  { after },
  { settings: { "session.heartbeatIntervalMs": 200 } },
);
const proxy = await RecordingProxy.start(gateway.ready.order);
after(() => proxy.stop());
await playSession();
const file = join(testDirectory(), "session.pcap");
writeFileSync(file, proxy.pcap());

const port = gateway.port;
const stock = (...args: string[]): Promise<string> =>
  tshark(
    ...["-r", file, "-d", `tcp.port==${port},soupbintcp`],
    ...["--disable-heuristic", "ouch_soupbintcp", ...args],
  );

/** Every request, every answer that the embedded venue gives, both heartbeats, a text, a resume. */
async function playSession(): Promise<void> {
  const other = await gateway.trader();
  const trader = await Trader.connect(proxy, gateway.user());
  assert.ok((await trader.login(trader.user, PASSWORD)).isAccepted);
  const symbol = "MSFT";
  const tags = { FIRM: OTHER_FIRM, GROUP_ID: 7, USER_REF_IDX: 5 };
  trader.order({ symbol, quantity: 500, tags: { FIRM } });
  trader.order({ symbol, side: "T", quantity: 300, price: dollars(410) });
  trader.order({ symbol, price: dollars(200_000), timeInForce: "3", display: "N" });
  trader.order({ symbol, quantity: 0, clOrdId: "REJECTED" });
  trader.order({ symbol, userRefNum: 1, tags });
  await trader.heard();
  trader.nextUserRefNum = 5;
  other.order({ symbol, side: "S", quantity: 100 });
  other.order({ symbol, quantity: 50, price: dollars(410) });
  await other.heard();
  trader.replace({ origUserRefNum: 1, quantity: 600, price: dollars(10.01) });
  trader.modify({ userRefNum: 2, side: "S", quantity: 200 });
  trader.cancel({ userRefNum: 5, quantity: 300 });
  trader.sendMessage(bytesOf(MASS_CANCEL));
  trader.disable({ firm: FIRM, userRefNum: 6 });
  trader.enable({ firm: FIRM, userRefNum: 7 });
  trader.massCancel({ firm: FIRM, userRefNum: 8 });
  trader.query({ tags: { USER_REF_IDX: 5 } });
  trader.cancel({ userRefNum: 99 });
  await trader.heard();
  const types = new Set(trader.messages.map(({ type }) => type));
  assert.deepEqual([...types].sort().join(""), "ACEGJKMQSUX");
  await proxy.until("server", "H", 2);
  await proxy.until("client", "R", 1);
  await trader.logout();
}

const typesOf = (from: "client" | "server"): string[] =>
  proxy.packets(from).map((packet) => packet.slice(0, 1));

/** Payloads of the packets that carry OUCH messages, in hexadecimal. */
const messagesOf = (from: "client" | "server"): string[] =>
  proxy
    .packets(from)
    .filter((packet) => /^[US]:/.test(packet))
    .map((packet) => Buffer.from(packet.slice(2), "latin1").toString("hex"));

test("stock Wireshark finds nothing malformed", async () => {
  assert.equal(await stock("-Y", "_ws.malformed"), "");
  const frames = await stock("-Y", "soupbintcp", "-T", "fields", "-e", "frame.number");
  assert.ok(frames.split("\n").length > 10, "it took nothing for SoupBinTCP");
});

test("stock Wireshark sees the packets that were sent, and the messages within them", async () => {
  const fields = ["tcp.srcport", "soupbintcp.packet_type", "soupbintcp.message"];
  const lines = await stock(
    ...["-Y", "soupbintcp", "-T", "fields", "-E", "separator=/t", "-E", "aggregator=;"],
    ...fields.flatMap((field) => ["-e", field]),
  );
  const seen = { client: { types: "", messages: "" }, server: { types: "", messages: "" } };
  for (const line of lines.trimEnd().split("\n")) {
    const [source, types = "", messages = ""] = line.split("\t");
    const from = seen[Number(source) === port ? "server" : "client"];
    from.types += types.replaceAll(/[';]/g, "");
    if (messages !== "") from.messages += `${messages};`;
  }
  for (const from of ["client", "server"] as const) {
    assert.equal(seen[from].types, typesOf(from).join(""));
    assert.deepEqual(seen[from].messages.split(";").slice(0, -1), messagesOf(from));
  }
  assert.match(seen.client.types, /^LU+.*R.*O$/);
  assert.match(seen.server.types, /^AS+.*\+.*H/);
  assert.ok(messagesOf("client").includes(MASS_CANCEL.replaceAll(" ", "")));
});

test("stock Wireshark counts the sequenced messages from 1 on, as we do", async () => {
  const pdml = await stock("-Y", "soupbintcp", "-T", "pdml");
  const numbers = [...pdml.matchAll(/showname="Sequence number: (\d+) \(Calculated\)"/g)].map(
    ([, number]) => Number(number),
  );
  const count = typesOf("server").filter((type) => type === "S").length;
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, index) => index + 1),
  );
});

if (LUA !== undefined) {
  const prefix = "nasdaq.nsmequities.orders.ouch.v5.0";
  const withLua = (...args: string[]): Promise<string> =>
    tshark("-r", file, "-X", `lua_script:${LUA}`, "-d", `tcp.port==${port},omi.${prefix}`, ...args);

  test("the OUCH 5.0 dissector meets no error", async () => {
    assert.doesNotMatch(await withLua("-V"), /Lua Error/);
  });

  test("the OUCH 5.0 dissector reads the numbers, quantities and prices that we wrote", async () => {
    // The others are of revision 1.04, which it does not know.
    const known = { client: "OUXMQ", server: "SAUCEJMQ" };
    for (const from of ["client", "server"] as const) {
      const describe = from === "client" ? describeInbound : describeOutbound;
      const letter = from === "client" ? "unsequencedmessagetype" : "sequencedmessagetype";
      const columns = [letter, "userrefnum", "nextuserrefnum", "quantity", "price"];
      const direction = from === "client" ? "dstport" : "srcport";
      const lines = await withLua(...["-Y", `tcp.${direction}==${port}`, "-T", "pdml"]);
      const dissected = readMessages(lines, prefix, letter, columns);
      const ours = messagesOf(from)
        .map((hex) => bytesOf(hex))
        .map((bytes) => describe(viewOf(bytes), 0, bytes.length));
      assert.equal(dissected.length, ours.length);
      for (const [index, fields] of ours.entries()) {
        const theirs = dissected[index];
        assert.equal(theirs?.get(letter), fields.type);
        if (!known[from].includes(String(fields.type))) continue;
        for (const name of ["userRefNum", "nextUserRefNum", "quantity"] as const) {
          const value = fields[name];
          if (value === undefined) continue;
          assert.equal(theirs?.get(name.toLowerCase()), String(value), `${name} of ${index}`);
        }
        if (fields.price !== undefined) {
          assert.equal(Number(theirs?.get("price")), Number(fields.price), `price of ${index}`);
        }
      }
    }
  });
}

/** Each OUCH message with its fields, out of the dissector's tree. */
function readMessages(
  pdml: string,
  prefix: string,
  letter: string,
  columns: readonly string[],
): Map<string, string>[] {
  const messages: Map<string, string>[] = [];
  for (const [, name = "", show = ""] of pdml.matchAll(
    /<field name="([^"]+)"[^>]* show="([^"]*)"/g,
  )) {
    const column = name.startsWith(`${prefix}.`) ? name.slice(prefix.length + 1) : "";
    if (column === letter) messages.push(new Map());
    if (columns.includes(column)) messages.at(-1)?.set(column, show);
  }
  return messages;
}

// OUCH messages that cannot be read (ouch50.md §6.8).

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { TestGateway } from "../support/gateway.ts";
import { bytesOf } from "../support/hex.ts";

const OFFENCES_MAX = 4;
const gateway = await TestGateway.start(
  { after },
  { settings: { "session.offencesMax": OFFENCES_MAX } },
);

const ENTER_WITHOUT_TAGS =
  "42 00000064 4141504c20202020 00000000001cea58 30 59 50 4e 4e 434c4f52442d3030303120202020";
const REPLACE_WITHOUT_TAGS = "00000096 00000000001cee40 30 59 4e 434c4f52442d3030303220202020";

const MALFORMED: Readonly<Record<string, string>> = {
  "an unknown type": "5a",
  "a cancel that is too short": "58 00000001 000000",
  "a cancel that is too long": "58 00000001 00000000 00",
  "a cancel whose appendage is not all there": "58 00000001 00000000 0003 021c",
  "a cancel with a tag that it cannot have": "58 00000001 00000000 0003 021b42",
  "a modify that is too short": "4d 00000001 42 000000",
  "a query that is too long": "51 00",
  "a mass cancel that is too short": "43 00000001 4c494d45",
  "a disable with a broken element": "44 00000001 4c494d45 0002 001c",
  "an enable without an appendage length": "45 00000001 4c494d45",
  "an enter without its number": "4f 0000",
  "a replace without its new number": "55 00000001 0000",
};

for (const [name, hex] of Object.entries(MALFORMED)) {
  test(`${name} is told in a text and changes nothing`, async () => {
    const trader = await gateway.trader();
    trader.order();
    assert.equal(await trader.nextText(), "A 1 L");
    trader.sendMessage(bytesOf(hex));
    assert.deepEqual(await trader.heard(), []);
    assert.match(trader.debugTexts.join(), new RegExp(`malformed .*\\(1 of ${OFFENCES_MAX}\\)`));
    assert.equal(trader.nextUserRefNum, 2);
    trader.cancel({ userRefNum: 1 });
    assert.deepEqual(await trader.heard(), ["C 1 100 U"]);
  });
}

test("an Enter or Replace with a readable new number is rejected by it, with its ClOrdID when it is there", async () => {
  const trader = await gateway.trader();
  trader.order();
  trader.sendMessage(bytesOf("4f 00000002 42 0000"));
  trader.sendMessage(bytesOf(`4f 00000003 ${ENTER_WITHOUT_TAGS} 0006 05024c49`));
  trader.sendMessage(bytesOf(`55 00000001 00000004 ${REPLACE_WITHOUT_TAGS} 0001`));
  const [, ...rejected] = await trader.heardMessages();
  assert.deepEqual(
    rejected.map(({ fields }) => [fields.userRefNum, fields.reason, fields.clOrdId]),
    [
      [2, "000F", ""],
      [3, "000F", "CLORD-0001"],
      [4, "000F", "CLORD-0002"],
    ],
  );
  assert.equal(trader.nextUserRefNum, 5);
  trader.cancel({ userRefNum: 1 });
  assert.deepEqual(await trader.heard(), ["C 1 100 U"]);
});

test("one with an old number is told in a text only", async () => {
  const trader = await gateway.trader();
  trader.order({ userRefNum: 5 });
  trader.sendMessage(bytesOf("4f 00000005 42"));
  trader.sendMessage(bytesOf("4f 00000000 42"));
  assert.deepEqual(await trader.heard(), ["A 5 L"]);
});

test("so many as session.offencesMax close the connection; the next one starts anew, and the stream stays", async () => {
  const trader = await gateway.trader();
  for (let offence = 0; offence < OFFENCES_MAX - 1; offence++) trader.sendMessage(bytesOf("5a"));
  trader.order();
  assert.deepEqual(await trader.heard(), ["A 1 L"]);
  trader.sendMessage(bytesOf("5a"));
  trader.order();
  assert.equal((await trader.closed()).isClean, true);
  assert.equal(trader.debugTexts.length, OFFENCES_MAX);

  const back = await gateway.trader(trader.user);
  back.sendMessage(bytesOf("5a"));
  back.order();
  assert.deepEqual(await back.heard(), ["A 2 L"]);
  assert.match(back.debugTexts.join(), /1 of/);
});

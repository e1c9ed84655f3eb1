import assert from "node:assert/strict";
import { test } from "node:test";
import {
  writeCancel,
  writeEnter,
  writeMassCancel,
  writeModify,
  writeQuery,
  writeReplace,
} from "../../../src/tools/client/order-messages.ts";

// The expected bytes are the vectors of the protocol document (OUCH 5.0 facts §9).

function hexOf(write: (view: DataView, offset: number) => number): string {
  const bytes = Buffer.alloc(200, 0xee);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offset = 7;
  return bytes.toString("hex", offset, offset + write(view, offset));
}

const vector = (text: string): string => text.replaceAll(" ", "");

test("plain fields become the message of the vectors", () => {
  const enter = {
    userRefNum: 1,
    side: "B",
    quantity: 100,
    symbol: "AAPL",
    price: 1_895_000,
    clOrdId: "CLORD-0001",
  };
  assert.equal(
    hexOf((view, offset) => writeEnter(view, offset, enter)),
    vector(
      "4f 00000001 42 00000064 4141504c20202020 00000000001cea58 30 59 50 4e 4e 434c4f52442d3030303120202020 0000",
    ),
  );
  const replace = {
    origUserRefNum: 1,
    userRefNum: 4,
    quantity: 150,
    price: 1_896_000,
    clOrdId: "CLORD-0002",
  };
  assert.equal(
    hexOf((view, offset) => writeReplace(view, offset, replace)),
    vector(
      "55 00000001 00000004 00000096 00000000001cee40 30 59 4e 434c4f52442d3030303220202020 0000",
    ),
  );
  const modify = { userRefNum: 2, side: "T", quantity: 400 };
  assert.equal(
    hexOf((view, offset) => writeModify(view, offset, modify)),
    vector("4d 00000002 54 00000190"),
  );
  assert.equal(
    hexOf((view, offset) => writeQuery(view, offset, {})),
    "51",
  );
});

test("tags are written by name, numbers and letters alike", () => {
  const cancel = { userRefNum: 4, tags: { USER_REF_IDX: 5 } };
  assert.equal(
    hexOf((view, offset) => writeCancel(view, offset, cancel)),
    vector("58 00000004 00000000 0003 021c05"),
  );
  const massCancel = {
    userRefNum: 5,
    firm: "ABCD",
    symbol: "MSFT",
    tags: { SIDE: "B", GROUP_ID: 7, USER_REF_IDX: 5 },
  };
  assert.equal(
    hexOf((view, offset) => writeMassCancel(view, offset, massCancel)),
    vector("43 00000005 41424344 4d53465420202020 000a 021b42 03180007 021c05"),
  );
});

test("a negative tag value keeps its sign", () => {
  const replace = {
    origUserRefNum: 1,
    userRefNum: 2,
    quantity: 1,
    price: 1,
    tags: { PEG_OFFSET: -100 },
  };
  assert.match(
    hexOf((view, offset) => writeReplace(view, offset, replace)),
    /00060507ffffff9c$/,
  );
});

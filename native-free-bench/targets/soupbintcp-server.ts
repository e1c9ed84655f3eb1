// The npm package soupbintcp, written by somebody else, as a server that answers each Enter Order with an Accepted:
// what a Node program does that takes the protocol from the registry. No book, no journal, no resumption.
// Run by server-process.ts; arguments: [no delay, 0 or 1]: the package leaves Nagle's algorithm on and writes a header and
// its payload apart, so it is measured as it comes and with the one call that a careful user would add.

import type { AddressInfo, Socket } from "node:net";
import soupbintcp from "soupbintcp";
import { AppendageWriter } from "../../src/protocol/ouch/appendage-writer.ts";
import { CL_ORD_ID_BYTES } from "../../src/protocol/ouch/cl-ord-id.ts";
import { ORDER_STATE } from "../../src/protocol/ouch/codes.ts";
import {
  ENTER_ORDER_BYTES,
  ENTER_ORDER_TYPE,
  EnterOrder,
} from "../../src/protocol/ouch/enter-order.ts";
import { ORDER_ACCEPTED_BYTES, OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { leaveSignalsToParent } from "../harness/interruption.ts";
import type { FromServer } from "./server-process.ts";

const SESSION = "PEER";
const APPENDAGE_LENGTH_BYTES = 2;
const [noDelay = "0"] = process.argv.slice(2);

const enter = new EnterOrder();
const accepted = new OrderAccepted();
const appendage = new AppendageWriter();
const clOrdId = new DataView(new ArrayBuffer(CL_ORD_ID_BYTES));
let reference = 0;

function acceptedFor(message: Buffer): Buffer {
  enter.wrap(new DataView(message.buffer, message.byteOffset, message.length), 0);
  // The package hands it to the socket and keeps it until it is written: each answer needs memory of its own.
  const answer = Buffer.allocUnsafe(ORDER_ACCEPTED_BYTES + APPENDAGE_LENGTH_BYTES);
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  accepted.wrap(view, 0).start();
  accepted.timestamp = Math.floor(performance.now() * 1e6);
  accepted.userRefNum = enter.userRefNum;
  accepted.side = enter.side;
  accepted.quantity = enter.quantity;
  accepted.symbolHigh = enter.symbolHigh;
  accepted.symbolLow = enter.symbolLow;
  accepted.price = enter.price;
  accepted.timeInForce = enter.timeInForce;
  accepted.display = enter.display;
  accepted.orderReferenceHigh = 0;
  accepted.orderReferenceLow = ++reference;
  accepted.capacity = enter.capacity;
  accepted.interMarketSweep = enter.interMarketSweep;
  accepted.crossType = enter.crossType;
  accepted.orderState = ORDER_STATE.LIVE;
  accepted.copyClOrdIdFrom(clOrdId, 0);
  appendage.begin(view, ORDER_ACCEPTED_BYTES).end();
  return answer;
}

const server = new soupbintcp.Server({ host: "127.0.0.1", port: 0, backlog: 1024 }, () => {
  const { address, port } = server.address() as AddressInfo;
  process.send?.({ host: address, port } satisfies FromServer);
});
server.on("session", (session) => {
  session.on("login", () => session.accept({ session: SESSION, sequenceNumber: 1 }));
  session.on("message", (message) => {
    if (message.length < ENTER_ORDER_BYTES || message[0] !== ENTER_ORDER_TYPE) return;
    session.send(acceptedFor(message));
  });
  session.on("logout", () => session.end());
  session.on("error", () => session.end());
});
if (noDelay === "1") {
  const { _server } = server as unknown as { readonly _server: NodeJS.EventEmitter };
  _server.on("connection", (socket: Socket) => socket.setNoDelay(true));
}
leaveSignalsToParent();
process.on("disconnect", () => process.exit());

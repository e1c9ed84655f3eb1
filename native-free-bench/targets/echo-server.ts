// A bare echo over TCP: what comes is sent back, read into one shared buffer as the gateway reads. Nobody has less to
// do in Node, so this is the floor that others are compared with. By options an answer goes out in two writes, and
// small packets may wait for each other as Nagle has it.
// Run by server-process.ts; arguments: [writes, 1 or 2] [no delay, 0 or 1]

import { type AddressInfo, createServer, Socket, type SocketConstructorOpts } from "node:net";
import { RECEIVE_BYTES } from "../../src/gate/gate-socket.ts";
import { SEQUENCED_HEADER_BYTES } from "../../src/protocol/soupbintcp/sequenced.ts";
import { leaveSignalsToParent } from "../harness/interruption.ts";
import type { FromServer } from "./server-process.ts";

interface HandleOwner {
  _handle: object | null;
}

const [writes = "1", noDelay = "1"] = process.argv.slice(2);
const isSplit = writes === "2";
const receive = Buffer.alloc(RECEIVE_BYTES);

/** Node gives `onread` to outgoing sockets only, so the handle moves to one that has it. */
function moveToSharedBuffer(accepted: Socket): Socket {
  const owner = accepted as unknown as HandleOwner;
  const handle = owner._handle;
  owner._handle = null;
  accepted.destroy();
  const callback = (count: number): boolean => {
    echo(socket, count);
    return true;
  };
  const options = { handle, onread: { buffer: receive, callback } };
  const socket: Socket = new Socket(options as unknown as SocketConstructorOpts);
  return socket;
}

/** A partial write keeps its bytes while the buffer is read into again: then they are copied first. */
function echo(socket: Socket, count: number): void {
  const bytes = socket.writableLength > 0 ? Buffer.from(receive.subarray(0, count)) : receive;
  if (!isSplit) {
    write(socket, bytes.subarray(0, count));
    return;
  }
  write(socket, bytes.subarray(0, SEQUENCED_HEADER_BYTES));
  write(socket, bytes.subarray(SEQUENCED_HEADER_BYTES, count));
}

function write(socket: Socket, bytes: Buffer): void {
  socket.write(bytes);
  if (socket.writableLength > 0 && bytes.buffer === receive.buffer) {
    throw new Error("the kernel did not take an echo whole, and the shared buffer is not free");
  }
}

const server = createServer({ pauseOnConnect: true, noDelay: noDelay === "1" }, (accepted) => {
  const socket = moveToSharedBuffer(accepted);
  socket.on("error", () => undefined);
  socket.resume();
});
server.listen({ host: "127.0.0.1", port: 0, backlog: 1024 }, () => {
  const { address, port } = server.address() as AddressInfo;
  process.send?.({ host: address, port } satisfies FromServer);
});
leaveSignalsToParent();
process.on("disconnect", () => process.exit());

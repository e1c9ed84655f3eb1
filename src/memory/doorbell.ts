// How a lane wakes the gate out of its event loop (E14): a byte in a FIFO, or a message where there is none. A lane on the
// gate's own thread asks for a turn of the loop.
// Whether a wake-up is needed at all is the DOORBELL word's business (lane-signal.ts); the order is
//
//   lane   publishes, exchanges the word, and rings only when it was 0
//   gate   clears the word, then loads the tail; a drain that stops at its bound comes back by setImmediate
//
// The lane writes to a descriptor that the gate owns: close() comes after the lane has ended, or the number may
// belong to somebody's socket by then.

import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { messageOf } from "../base/message-of.ts";

/** Gate side. */
export interface Doorbell {
  readonly kind: "fifo" | "message" | "turn";
  /** Why it is no FIFO; empty when it is one. */
  readonly reason: string;
  /** For joinDoorbell() in the lane: put it into workerData, */
  readonly transfer: DoorbellTransfer;
  /** and this into the transferList of the same Worker. */
  readonly transferList: MessagePort[];
  /** Rings that come together may arrive as one. Keeps the event loop alive. */
  listen(onRing: () => void): void;
  close(): void;
}

export type DoorbellTransfer =
  | { readonly kind: "fifo"; readonly descriptor: number }
  | { readonly kind: "message"; readonly port: MessagePort }
  /** Of the same thread: never to be sent. */
  | { readonly kind: "turn"; readonly ring: () => void };

/** Lane side. */
export interface DoorbellButton {
  ring(): void;
}

/** Makes a FIFO at this path or throws. */
export type MakeFifo = (path: string) => void;

export const makeFifo: MakeFifo = (path) => {
  execFileSync("mkfifo", ["-m", "600", path], { stdio: "ignore" });
};

export function openDoorbell(make: MakeFifo = makeFifo): Doorbell {
  try {
    return openFifoDoorbell(make);
  } catch (error) {
    return openMessageDoorbell(messageOf(error));
  }
}

const RING_BYTES_MAX = 4096; // read at once; more comes with the next turn of the loop

function openFifoDoorbell(make: MakeFifo): Doorbell {
  const directory = mkdtempSync(join(tmpdir(), "tailgate-"));
  let readDescriptor: number;
  let writeDescriptor: number;
  try {
    const path = join(directory, "doorbell");
    make(path);
    // The reading end first: without it the other one would not open without waiting.
    readDescriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      writeDescriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      closeSync(readDescriptor);
      throw error;
    }
  } finally {
    // Both ends are held by descriptor; the name has done its work.
    rmSync(directory, { recursive: true, force: true });
  }

  let socket: Socket | undefined;
  return {
    kind: "fifo",
    reason: "",
    transfer: { kind: "fifo", descriptor: writeDescriptor },
    transferList: [],
    listen(onRing) {
      socket = new Socket({
        fd: readDescriptor,
        readable: true,
        writable: false,
        onread: {
          buffer: Buffer.alloc(RING_BYTES_MAX),
          callback: () => {
            onRing();
            return true;
          },
        },
      });
      socket.resume();
    },
    close() {
      if (socket === undefined) closeSync(readDescriptor);
      else socket.destroy();
      closeSync(writeDescriptor);
    },
  };
}

function openMessageDoorbell(reason: string): Doorbell {
  const { port1: gatePort, port2: lanePort } = new MessageChannel();
  return {
    kind: "message",
    reason,
    transfer: { kind: "message", port: lanePort },
    transferList: [lanePort],
    listen(onRing) {
      gatePort.on("message", onRing);
    },
    close() {
      gatePort.close();
    },
  };
}

/** For a lane on the gate's thread. */
export function openTurnDoorbell(): Doorbell {
  let hear: (() => void) | undefined;
  let isUnheard = false;
  const onTurn = (): void => {
    isUnheard = hear === undefined;
    hear?.();
  };
  const ring = (): void => {
    setImmediate(onTurn);
  };
  return {
    kind: "turn",
    reason: "",
    transfer: { kind: "turn", ring },
    transferList: [],
    listen(onRing) {
      hear = onRing;
      if (isUnheard) ring();
    },
    close() {
      hear = undefined;
    },
  };
}

export function joinDoorbell(transfer: DoorbellTransfer): DoorbellButton {
  if (transfer.kind === "fifo") return new FifoButton(transfer.descriptor);
  if (transfer.kind === "turn") return transfer;
  return new MessageButton(transfer.port);
}

const RING = Buffer.from([1]);

class FifoButton implements DoorbellButton {
  private readonly descriptor: number;

  constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  ring(): void {
    try {
      writeSync(this.descriptor, RING, 0, RING.length);
    } catch (error) {
      // A full pipe is a gate that has plenty of wake-ups on their way.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}

class MessageButton implements DoorbellButton {
  private readonly port: MessagePort;

  constructor(port: MessagePort) {
    this.port = port;
  }

  ring(): void {
    this.port.postMessage(0);
  }
}

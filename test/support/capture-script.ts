// Captures that a test writes down record by record.

import { CaptureFileWriter } from "../../src/capture/capture-file-writer.ts";
import { CAPTURE_KIND, type CaptureRecord } from "../../src/capture/capture-record.ts";
import { OrderAccepted } from "../../src/protocol/ouch/order-accepted.ts";
import { testCaptureInfo } from "./capturing-proxy.ts";
import { packet } from "./soup-packets.ts";

export const MILLISECOND_NS = 1e6;

/** Records that follow each other by a millisecond. */
export class CaptureScript {
  private readonly list: CaptureRecord[] = [];
  private atNs = 0;

  /** What follows comes so much later than it would. */
  wait(milliseconds: number): this {
    this.atNs += milliseconds * MILLISECOND_NS;
    return this;
  }

  add(
    kind: number,
    connection: number,
    payload: Buffer | object = {},
    flags = 0,
    detail = 0,
  ): this {
    const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(JSON.stringify(payload));
    this.atNs += MILLISECOND_NS;
    const { atNs } = this;
    this.list.push({ kind, flags, connection, detail, atNs, payload: bytes });
    return this;
  }
  connect(connection: number, facts: object = {}, flags = 0): this {
    const from = { remoteAddress: "127.0.0.1", remotePort: 40_000 + connection };
    return this.add(CAPTURE_KIND.CONNECT, connection, { ...from, ...facts }, flags);
  }
  in(connection: number, ...packets: Buffer[]): this {
    return this.add(CAPTURE_KIND.IN, connection, Buffer.concat(packets));
  }
  out(connection: number, ...packets: Buffer[]): this {
    return this.add(CAPTURE_KIND.OUT, connection, Buffer.concat(packets));
  }
  close(connection: number, by: number): this {
    return this.add(CAPTURE_KIND.CLOSE, connection, Buffer.alloc(0), 0, by);
  }

  records(): CaptureRecord[] {
    return this.list;
  }

  write(file: string): void {
    const writer = new CaptureFileWriter(file, testCaptureInfo());
    for (const { kind, flags, connection, detail, atNs, payload } of this.list) {
      writer.add(kind, flags, connection, detail, atNs, payload);
    }
    writer.close();
  }
}

export const loggedIn = packet("A", " 20261121A".padEnd(30));

export function accepted(userRefNum: number): Buffer {
  const bytes = Buffer.alloc(66);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const message = new OrderAccepted().wrap(view, 0).start();
  message.userRefNum = userRefNum;
  message.quantity = 100;
  message.orderState = "L".charCodeAt(0);
  return packet("S", bytes.subarray(0, 64));
}

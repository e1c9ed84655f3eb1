// What the accounts are called whose numbers stand in telemetry records: a lane numbers them anew in each session, so
// who reads a record looks the name up soon.
//
//   place   written by   read by   what
//   names   gate         scribe    8 bytes each, ASCII, padded with zeros; stored before a record that needs them

import { assert } from "../base/assert.ts";

const NAME_BYTES = 8;

/** Lanes' accounts lie one lane behind the other. */
export const createAccountNames = (lanes: number, accountsPerLane: number): SharedArrayBuffer =>
  new SharedArrayBuffer(lanes * accountsPerLane * NAME_BYTES);

export class AccountNames {
  private readonly bytes: Uint8Array;
  private readonly accountsPerLane: number;

  constructor(memory: SharedArrayBuffer, lanes: number) {
    this.bytes = new Uint8Array(memory);
    this.accountsPerLane = memory.byteLength / NAME_BYTES / lanes;
  }

  /** Gate. A number beyond the table stays without a name. */
  set(lane: number, account: number, name: string): void {
    if (account < 0 || account >= this.accountsPerLane) return;
    assert(name.length <= NAME_BYTES, "an account's name is too long");
    const base = (lane * this.accountsPerLane + account) * NAME_BYTES;
    for (let index = 0; index < NAME_BYTES; index++) {
      this.bytes[base + index] = index < name.length ? name.charCodeAt(index) : 0;
    }
  }

  /** Scribe. Empty: no name is known. */
  get(lane: number, account: number): string {
    if (account < 0 || account >= this.accountsPerLane) return "";
    const base = (lane * this.accountsPerLane + account) * NAME_BYTES;
    let name = "";
    for (let index = 0; index < NAME_BYTES && this.bytes[base + index] !== 0; index++) {
      name += String.fromCharCode(this.bytes[base + index]!);
    }
    return name;
  }
}

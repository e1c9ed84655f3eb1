import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountNames } from "../../src/telemetry/account-names.ts";
import { GateTelemetry } from "../../src/telemetry/gate-telemetry.ts";
import { LOG_RECORD_BYTES, LogRecord } from "../../src/telemetry/log-record.ts";
import { type LoggedEvent, readLoggedEvent } from "../../src/telemetry/logged-event.ts";
import { RecordRingReader } from "../../src/telemetry/record-ring.ts";
import { createTelemetryMemory } from "../../src/telemetry/telemetry-memory.ts";
import { GateRig, type GateRigOptions } from "../support/gate-rig.ts";
import { login, packet } from "../support/soup-packets.ts";

class LoggedGate {
  readonly rig: GateRig;
  private readonly memory = createTelemetryMemory(1, 16);
  private readonly ring = new RecordRingReader(this.memory.gate.log, LOG_RECORD_BYTES);

  constructor(options: GateRigOptions = {}) {
    const telemetry = new GateTelemetry(this.memory, { slaNs: 8e6, tailNs: 5e6 });
    this.rig = new GateRig({ ...options, telemetry });
  }

  /** Event, account and reason of each, and all that stands in the ring as text. */
  read(): string[] {
    const lines: string[] = [];
    const names = new AccountNames(this.memory.accountNames, 1);
    this.ring.drain(64, (offset) => {
      const record = new LogRecord().wrap(this.memory.gate.log, offset);
      const { event, account, reason, status }: LoggedEvent = readLoggedEvent(record, names);
      lines.push([event, status, account, reason].filter(Boolean).join(" "));
    });
    return lines;
  }
  get bytes(): Buffer {
    return this.ring.bytes;
  }
}

test("who logs in and goes is told, with the reason", () => {
  const logged = new LoggedGate();
  const { rig } = logged;
  const { socket } = rig.live("ALICE");
  assert.deepEqual(logged.read(), ["login ok ALICE"]);
  socket.clientSends(packet("O"));
  rig.passMs(10);
  assert.deepEqual(logged.read(), ["disconnect ok ALICE logout"]);

  const idle = rig.live("BOB");
  rig.passMs(15_010);
  assert.deepEqual(logged.read(), ["login ok BOB", "disconnect time-out BOB idle"]);
  assert.ok(idle.socket.isEnded);
});

test("a login that is refused leaves nothing of its password", () => {
  const logged = new LoggedGate();
  const { rig } = logged;
  rig.connect().clientSends(login({ userName: "EVE", password: "SESAME" }));
  rig.passMs(300);
  assert.deepEqual(logged.read(), [
    "login-refused error EVE credentials",
    "disconnect closed EVE forced",
  ]);
  assert.ok(logged.bytes.includes("EVE"));
  assert.ok(!logged.bytes.includes("SESAME"));
});

test("a newcomer whom a cap keeps out is told", () => {
  const logged = new LoggedGate({ listen: { pendingMax: 1 } });
  logged.rig.connect();
  logged.rig.connect();
  assert.deepEqual(logged.read(), ["connection-refused error"]);
});

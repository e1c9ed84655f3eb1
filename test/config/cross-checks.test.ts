import assert from "node:assert/strict";
import { test } from "node:test";
import { INBOUND_PACKET_BYTES_MAX } from "../../src/config/config-rules.ts";
import { hasResidentLane, SEND_BUFFER_BYTES } from "../../src/config/cross-checks.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { SEND_BUFFER_BYTES as GATE_SEND_BUFFER_BYTES } from "../../src/gate/gate.ts";
import { PACKET_BYTES_BYTES } from "../../src/protocol/soupbintcp/packet-header.ts";

const isResident = (...settings: readonly string[]): boolean =>
  hasResidentLane(
    readConfig({
      configFile: undefined,
      settings: settings.map((text) => {
        const [path = "", value = ""] = text.split("=");
        return { path, value: JSON.parse(value) };
      }),
    }).config,
  );

test("a single lane that does not wait for the disk lives on the gate's thread, unless told otherwise", () => {
  const fast = 'journal.durability="process-crash"';
  assert.equal(isResident(), false);
  assert.equal(isResident('venue.kind="ack"'), false);
  assert.equal(isResident(fast), true);
  assert.equal(isResident('venue.kind="ack"', fast), true);
  assert.equal(isResident('journal.durability="none"'), true);
  assert.equal(isResident('venue.kind="ack"', fast, "lanes.count=2"), false);
  assert.equal(isResident(fast, "lanes.spinNs=1000"), false);
  assert.equal(isResident(fast, 'lanes.thread="own"'), false);
  assert.equal(isResident('lanes.thread="gate"'), true);
});

test("a buffer is as large as the gate's, and the longest packet with its length fits it", () => {
  assert.equal(SEND_BUFFER_BYTES, GATE_SEND_BUFFER_BYTES);
  assert.ok(PACKET_BYTES_BYTES + INBOUND_PACKET_BYTES_MAX <= SEND_BUFFER_BYTES);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { CAPTURE_KIND } from "../../../src/capture/capture-record.ts";
import { pressureText } from "../../../src/tools/replay/captured-pressure.ts";
import { CapturedTraffic } from "../../../src/tools/replay/captured-traffic.ts";
import { CaptureScript, MILLISECOND_NS } from "../../support/capture-script.ts";

test("pressure is summed up over a part of the capture, the longest first", () => {
  const gc = (durationNs: number) => ({ event: "gc", thread: "gate", durationNs });
  const script = new CaptureScript()
    .add(CAPTURE_KIND.PRESSURE, 0, gc(2e6))
    .add(CAPTURE_KIND.PRESSURE, 0, { event: "inbound-full", thread: "gate", durationNs: 0 })
    .add(CAPTURE_KIND.PRESSURE, 0, gc(3e6))
    .add(CAPTURE_KIND.PRESSURE, 0, Buffer.from("damaged"))
    .add(CAPTURE_KIND.PRESSURE, 0, gc(9e6));
  const { pressure } = CapturedTraffic.read(script);
  assert.equal(pressure.count, 5);
  const sums = pressure.between(MILLISECOND_NS, 5 * MILLISECOND_NS);
  assert.equal(
    pressureText(sums),
    "gc of gate 2 × up to 3.00 ms, inbound-full of gate, unknown of ",
  );
  assert.deepEqual(pressure.between(7e6, 8e6), []);
});

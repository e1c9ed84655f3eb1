import assert from "node:assert/strict";
import { test } from "node:test";
import { CapturedTraffic } from "../../../src/tools/replay/captured-traffic.ts";
import { planReplay } from "../../../src/tools/replay/replay-plan.ts";
import { CaptureScript, loggedIn, MILLISECOND_NS } from "../../support/capture-script.ts";
import { enter, query } from "../../support/replay-script.ts";
import { login, packet } from "../../support/soup-packets.ts";

const TEXT = packet("+", "hello");

test("the time line begins with the first request that is more than a query, whatever is said before it", () => {
  const script = new CaptureScript().connect(1).in(1, login()).out(1, loggedIn);
  script.in(1, TEXT).wait(100).in(1, query()).wait(100).in(1, enter(1)).wait(100).in(1, enter(2));
  const { startsAtNs, endsAtNs } = planReplay(CapturedTraffic.read(script));
  assert.deepEqual([startsAtNs / MILLISECOND_NS, endsAtNs / MILLISECOND_NS], [206, 307]);
});

test("text and queries alone are nothing to be sent again", () => {
  const script = new CaptureScript().connect(1).in(1, login()).out(1, loggedIn);
  script.in(1, TEXT).in(1, query(), packet("O"));
  assert.throws(() => planReplay(CapturedTraffic.read(script)), /has no request of a client/);
});

// What dumpcap wrote of a demo, read by us and by Wireshark.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { overviewOf } from "../../../src/tools/capture/capture-overview.ts";
import { openCapture } from "../../../src/tools/capture/open-capture.ts";
import { streamsOf } from "../../support/recorded-chunks.ts";
import { tshark } from "../../support/tshark.ts";

const pathOf = (name: string): string =>
  fileURLToPath(new URL(`../../vectors/demo-packets/${name}`, import.meta.url));
const LOOPBACK = pathOf("loopback.pcapng");
const ANY = pathOf("any.pcap");

test("two recordings of one demo, of different kinds, are the same session", () => {
  const [loopback, any] = [LOOPBACK, ANY].map((path) => {
    const source = openCapture(path);
    const chunks = Array.from(source.records(), ({ kind, connection, payload, atNs }) => ({
      text: `${kind} ${connection} ${payload.toString("hex")}`,
      // The clocks agree to the microsecond that one of them counts in.
      microseconds: Math.floor(atNs / 1000),
    }));
    assert.deepEqual(source.problems, []);
    return chunks;
  });
  assert.ok(loopback && any);
  assert.deepEqual(
    loopback.map(({ text }) => text),
    any.map(({ text }) => text),
  );
});

test("every request and answer of the demo is there", () => {
  const { connections } = overviewOf(openCapture(LOOPBACK));
  assert.deepEqual(
    connections.map(({ account, isMid, closedBy }) => [account, isMid, closedBy]),
    ["DEMO00", "DEMO01", "DEMO02"].map((account) => [account, false, "server"]),
  );
  const count = (direction: "in" | "out", type: string): number =>
    connections.reduce((sum, each) => sum + (each[direction].messages[type] ?? 0), 0);
  assert.deepEqual(
    ["O", "U", "X", "M"].map((type) => count("in", type)),
    [110, 9, 23, 2],
  );
});

test("the streams are those that Wireshark follows", async () => {
  const source = openCapture(LOOPBACK);
  const byConnection = streamsOf(source.records());
  for (const [connection, { in: sent, out: got }] of byConnection) {
    const follow = `follow,tcp,raw,${connection - 1}`;
    const lines = (await tshark("-r", LOOPBACK, "-q", "-z", follow)).split("\n");
    // What the server said is indented.
    const bytesOf = (pattern: RegExp): Buffer =>
      Buffer.from(
        lines
          .filter((line) => pattern.test(line))
          .map((line) => line.trim())
          .join(""),
        "hex",
      );
    const client = bytesOf(/^[0-9a-f]+$/);
    assert.deepEqual(got, bytesOf(/^\t[0-9a-f]+$/));
    assert.equal(sent.length, client.length);
    assert.equal(client.toString("latin1", 9, 13), "DEMO");
    client.fill(" ", 9, 13);
    assert.deepEqual(sent, client);
  }
  assert.equal(byConnection.size, 3);
});

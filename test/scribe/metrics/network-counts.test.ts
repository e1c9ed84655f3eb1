import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readNetworkCounts } from "../../../src/scribe/metrics/network-counts.ts";
import { testDirectory } from "../../support/gateway.ts";

test("fields are found by their names, wherever a kernel has them", () => {
  const folder = testDirectory();
  writeFileSync(
    join(folder, "snmp"),
    "Ip: Forwarding\nIp: 1\nTcp: RtoAlgorithm RetransSegs OutRsts\nTcp: 1 39828 7\nUdp: In\nUdp: 2\n",
  );
  writeFileSync(
    join(folder, "netstat"),
    "TcpExt: ListenDrops SyncookiesSent ListenOverflows\nTcpExt: 5 6 4\nIpExt: A\nIpExt: 1\n",
  );
  const counts = { retransmits: 39_828, listenOverflows: 4, listenDrops: 5 };
  assert.deepEqual(readNetworkCounts(folder), counts);
});

test("a machine that does not say has no counts", () => {
  assert.equal(readNetworkCounts(join(testDirectory(), "none")), undefined);
});

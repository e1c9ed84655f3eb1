// Signs of life and of their absence (soupbintcp.md §6), with times short enough for a test.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { PASSWORD, TestGateway } from "../support/gateway.ts";
import { login, packet } from "../support/soup-packets.ts";

const INTERVAL_MS = 200;
const IDLE_MS = 2_500;
/**
 * Beyond what the protocol says: two busy cores run late, and nobody is held to time in which the gateway did not run. Less
 * than what the times would be that nobody had set.
 */
const LATE_MS_MAX = 10_000;
const HEARTBEATS = 20;

const gateway = await TestGateway.start(
  { after },
  { settings: { "session.heartbeatIntervalMs": INTERVAL_MS, "session.idleTimeoutMs": IDLE_MS } },
);

const heartbeatsIn = (packets: readonly string[]): number =>
  packets.filter((text) => text === "H:").length;

describe("at the same time", { concurrency: true }, () => {
  test("an idle connection hears a heartbeat each interval", async () => {
    const connection = await gateway.raw();
    // It is silent for longer than the gateway's own patience.
    const heartbeatTimeoutMs = 60_000;
    connection.send(login({ userName: gateway.user(), password: PASSWORD, heartbeatTimeoutMs }));
    await connection.untilPacket("S");
    const startMs = performance.now();
    await connection.until("heartbeats", (packets) => heartbeatsIn(packets) >= HEARTBEATS);
    const elapsedMs = performance.now() - startMs;
    assert.ok(elapsedMs < HEARTBEATS * INTERVAL_MS + LATE_MS_MAX, `took ${elapsedMs} ms`);
    connection.close();
  });

  test("there is no heartbeat before the login is accepted", async () => {
    const connection = await gateway.raw();
    const other = await gateway.raw();
    other.send(login({ userName: gateway.user(), password: PASSWORD }));
    await other.until("3 heartbeats", (packets) => heartbeatsIn(packets) >= 3);
    assert.deepEqual(connection.allPackets, []);
    connection.close();
    other.close();
  });

  test("a client that says nothing is closed with a text, and one that says it lives is not", async () => {
    const silent = await gateway.raw();
    const startMs = performance.now();
    silent.send(login({ userName: gateway.user(), password: PASSWORD }));
    const alive = await gateway.raw();
    alive.send(login({ userName: gateway.user(), password: PASSWORD }));
    const timer = setInterval(() => alive.send(packet("R")), IDLE_MS / 5);
    const { packets, isReset } = await silent.ended();
    clearInterval(timer);
    const elapsedMs = performance.now() - startMs;
    assert.match(packets.at(-1) ?? "", /^\+:.*nothing came/);
    assert.equal(isReset, false);
    assert.ok(elapsedMs >= IDLE_MS - 100 && elapsedMs < IDLE_MS + LATE_MS_MAX, `${elapsedMs} ms`);
    alive.send(packet("U", "Q"));
    await alive.until("an answer", (all) => all.some((text) => text.startsWith("S:Q")));
    alive.close();
  });

  test("a login of version 4.10 brings its own time-out", async () => {
    const connection = await gateway.raw();
    const askedMs = 4_000;
    const fields = { userName: gateway.user(), password: PASSWORD, heartbeatTimeoutMs: askedMs };
    const startMs = performance.now();
    connection.send(login(fields));
    const { packets } = await connection.ended();
    const elapsedMs = performance.now() - startMs;
    assert.equal(packets[0]?.[0], "A");
    assert.match(packets.at(-1) ?? "", /nothing came/);
    assert.ok(elapsedMs >= askedMs - 100 && elapsedMs < askedMs + LATE_MS_MAX, `${elapsedMs} ms`);
  });
});

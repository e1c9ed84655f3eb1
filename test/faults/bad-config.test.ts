// A gateway that cannot start says why in one line and ends with the status that ops/runbook.md has for it.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { ConfigProblem } from "../../src/base/fault.ts";
import { type FaultLine, refusal } from "../support/fault-line.ts";
import { gatewayArguments, TestGateway, testDirectory } from "../support/gateway.ts";

const gateway = await TestGateway.start({ after });

const problemsOf = ({ problems }: FaultLine): ConfigProblem[] => problems as ConfigProblem[];
const pathsOf = (fault: FaultLine): string[] => problemsOf(fault).map(({ path }) => path);

const withSettings = (settings: Record<string, unknown>): string[] =>
  gatewayArguments(testDirectory(), { settings });

describe("a gateway that cannot start", { concurrency: 2 }, () => {
  test("names all problems of its configuration at once, each by its path", async () => {
    const settings = { "listen.prot": 7140, "session.idleTimeoutMs": "long", "lanes.count": 2 };
    const fault = await refusal([...withSettings(settings), "--set", "venue.kind=bok"]);
    assert.equal(fault.code, "CONFIG_INVALID");
    const paths = pathsOf(fault).sort();
    assert.deepEqual(paths, ["listen.prot", "session.idleTimeoutMs", "venue.kind"]);
  });

  test("refuses an unknown key in its file", async () => {
    const args = gatewayArguments(testDirectory(), { config: { sesion: { node: 1 } } });
    const fault = await refusal(args);
    assert.equal(fault.code, "CONFIG_INVALID");
    assert.deepEqual(pathsOf(fault), ["sesion"]);
  });

  test("refuses two lanes that would have to share a book", async () => {
    const fault = await refusal(withSettings({ "lanes.count": 2 }));
    assert.deepEqual(pathsOf(fault), ["lanes.count"]);
  });

  test("refuses words that it does not know", async () => {
    const fault = await refusal([...withSettings({}), "--verbose"]);
    assert.equal(fault.code, "CONFIG_INVALID");
  });

  test("says which file cannot be read, or is no JSON", async () => {
    const directory = testDirectory();
    const missing = join(directory, "missing.json");
    const fault = await refusal(["--config", missing]);
    assert.deepEqual([fault.code, fault.file], ["CONFIG_UNREADABLE", missing]);
    assert.equal((await refusal(["--config", directory])).code, "CONFIG_UNREADABLE");
    const broken = join(directory, "broken.json");
    writeFileSync(broken, '{"listen": \n hunter2');
    const notJson = await refusal(["--config", broken]);
    assert.equal(notJson.code, "CONFIG_INVALID");
    const [problem] = problemsOf(notJson);
    assert.equal(problem?.path, broken);
    assert.match(problem?.reason ?? "", /^is no JSON/);
    assert.doesNotMatch(JSON.stringify(notJson.problems), /hunter2/, "it may be a password");
  });

  test("says that the order port is taken", async () => {
    const fault = await refusal(withSettings({ "listen.port": gateway.port }));
    assert.deepEqual([fault.code, fault.errno], ["LISTEN_FAILED", "EADDRINUSE"]);
  });

  test("says that the admin port is taken", async () => {
    const { port } = gateway.ready.admin;
    const fault = await refusal(withSettings({ "admin.port": port }));
    assert.deepEqual([fault.code, fault.errno], ["ADMIN_LISTEN_FAILED", "EADDRINUSE"]);
  });

  test("does not take the directory of one that runs", async () => {
    const settings = { "journal.dir": gateway.directory };
    const fault = await refusal(withSettings(settings));
    assert.equal(fault.code, "JOURNAL_LOCKED");
    const trader = await gateway.trader();
    trader.order();
    assert.equal((await trader.heard()).length, 1);
  });

  test("says that its directory cannot be made", async () => {
    const directory = testDirectory();
    const file = join(directory, "file");
    writeFileSync(file, "");
    const fault = await refusal(withSettings({ "journal.dir": join(file, "journal") }));
    assert.deepEqual([fault.code, fault.errno], ["JOURNAL_UNWRITABLE", "ENOTDIR"]);
  });

  test("says that it may not open as many descriptors as it needs", async () => {
    const settings = { "listen.connectionsMax": 100_000 };
    const fault = await refusal(withSettings(settings));
    assert.equal(fault.code, "DESCRIPTORS_TOO_FEW");
  });
});

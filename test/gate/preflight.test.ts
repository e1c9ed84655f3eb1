import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { FaultError } from "../../src/base/fault.ts";
import type { Log, LogFields } from "../../src/gate/gate-config.ts";
import { checkDescriptors, checkFlags, tellKernelSettings } from "../../src/gate/preflight.ts";

class Lines implements Log {
  lines: { event: string; fields: LogFields }[] = [];
  info(event: string, fields: LogFields): void {
    this.lines.push({ event, fields });
  }
  warn(event: string, fields: LogFields): void {
    this.info(event, fields);
  }
  error(event: string, fields: LogFields): void {
    this.info(event, fields);
  }
}

test("connections need their descriptors and 64 beside them", () => {
  checkDescriptors(100, 164);
  assert.throws(
    () => checkDescriptors(101, 164),
    (error) =>
      error instanceof FaultError &&
      error.fault.code === "DESCRIPTORS_TOO_FEW" &&
      error.fault.needed === 165 &&
      error.fault.limit === 164,
  );
});

test("a start without the flags of the start script says which are missing", () => {
  const log = new Lines();
  const script = "node --import ./x.mjs --one=1 --two src/main.ts";
  checkFlags(log, script, ["--import", "./x.mjs", "--one=1", "--two"]);
  assert.equal(log.lines.length, 0);
  checkFlags(log, script, ["--import", "./x.mjs", "--two"]);
  assert.equal(log.lines[0]?.fields.missing, "--one=1");
});

test("the kernel's settings are told in one line, and one that is hidden is unknown", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "tailgate-sys-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, "ipv4"));
  writeFileSync(path.join(folder, "ipv4/tcp_wmem"), "4096\t65536\t262144\n");
  writeFileSync(path.join(folder, "ipv4/tcp_notsent_lowat"), "131072\n");
  const log = new Lines();
  tellKernelSettings(log, folder);
  assert.deepEqual(log.lines, [
    {
      event: "kernel",
      fields: {
        "ipv4.tcp_wmem": "4096 65536 262144",
        "ipv4.tcp_notsent_lowat": "131072",
        "core.somaxconn": "unknown",
      },
    },
  ]);
});

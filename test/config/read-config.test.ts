import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ConfigProblem, type Fault, FaultError } from "../../src/base/fault.ts";
import { expandAccounts } from "../../src/config/accounts.ts";
import { SEGMENT_BYTES_MIN } from "../../src/config/config-rules.ts";
import type { GatewayConfig } from "../../src/config/gateway-config.ts";
import {
  DEFAULTS_FILE,
  findProblems,
  type LoadedConfig,
  merge,
  OUTBOX_PAGE_BYTES,
  readConfig,
} from "../../src/config/read-config.ts";
import { isRecord, joinPath } from "../../src/config/rule.ts";
import { SEGMENT_BYTES_MIN as LAYOUT_SEGMENT_BYTES_MIN } from "../../src/journal/journal-layout.ts";
import { OUTBOX_PAGE_BYTES as LANE_OUTBOX_PAGE_BYTES } from "../../src/lane/outbox-page-layout.ts";

const directory = mkdtempSync(join(tmpdir(), "tailgate-config-"));
after(() => rmSync(directory, { recursive: true }));

let fileCount = 0;
function fileOf(text: string): string {
  fileCount++;
  const file = join(directory, `${fileCount}.json`);
  writeFileSync(file, text);
  return file;
}

const read = (override: unknown, ...settings: { path: string; value: unknown }[]) =>
  readConfig({ configFile: fileOf(JSON.stringify(override)), settings });

function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    assert.ok(error instanceof FaultError, String(error));
    return error.fault;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

function problemsOf(action: () => unknown): readonly ConfigProblem[] {
  const fault = faultOf(action);
  assert.equal(fault.code, "CONFIG_INVALID");
  return fault.code === "CONFIG_INVALID" ? fault.problems : [];
}

const pathsOf = (action: () => unknown): string[] =>
  problemsOf(action)
    .map((problem) => problem.path)
    .sort();

const defaults = (): unknown => JSON.parse(readFileSync(DEFAULTS_FILE, "utf8"));

test("the defaults alone are a whole configuration with a demo's warning", () => {
  const { config, warnings, files } = readConfig({ configFile: undefined, settings: [] });
  assert.equal(config.listen.host, "127.0.0.1");
  assert.deepEqual(
    [...expandAccounts(config.accounts)].map((account) => account.user),
    ["ALICE", "BOB", "CAROL", "DAVE"],
  );
  assert.deepEqual(
    warnings.map((warning) => warning.path),
    ["accounts"],
  );
  assert.deepEqual(files, [DEFAULTS_FILE]);
});

test("a file overrides the defaults, settings override both, the later the earlier", () => {
  const { config } = read(
    { listen: { port: 1, backlog: 2 }, accounts: [] },
    { path: "listen.port", value: 3 },
    { path: "listen.port", value: 4 },
  );
  assert.equal(config.listen.port, 4);
  assert.equal(config.listen.backlog, 2);
  assert.equal(config.listen.connectionsMax, 2000);
  assert.deepEqual(config.accounts, []);
});

test("the smallest rings and an unlimited symbol list are allowed", () => {
  const lanes = { inboundSlots: 8, outboundSlots: 8, batchMax: 1, outputsPerStepMax: 1 };
  assert.equal(read({ lanes }).config.lanes.inboundSlots, 8);
});

test("a batch is no larger than an answer can tell", () => {
  assert.equal(read({ lanes: { batchMax: 65_535 } }).config.lanes.batchMax, 65_535);
  assert.throws(() => read({ lanes: { batchMax: 65_536 } }), /lanes\.batchMax/);
});

test("the configuration is frozen to its last leaf", () => {
  const { config } = read({});
  const isFrozen = (value: unknown): boolean =>
    typeof value !== "object" ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  assert.ok(isFrozen(config));
});

test("the bench's configuration has 20,000 accounts that any load tool can use", () => {
  const configFile = join(DEFAULTS_FILE, "../bench.json");
  const { config, warnings } = readConfig({ configFile, settings: [] });
  const accounts = [...expandAccounts(config.accounts)];
  assert.equal(accounts.length, 20_000);
  assert.equal(accounts[0]?.user, "B00000");
  assert.equal(accounts.at(-1)?.user, "B19999");
  assert.deepEqual(accounts[0], {
    user: "B00000",
    password: "BENCH",
    firms: ["BNCH"],
    anyFirm: true,
  });
  assert.equal(config.venue.instruments, "*");
  assert.equal(config.venue.kind, "book");
  const limits = Object.values(config.risk).filter((limit) => limit !== null && limit !== "off");
  assert.deepEqual(limits, [[], []], "a risk limit is in the way");
  assert.deepEqual(
    warnings.map((warning) => warning.path),
    ["accounts"],
  );
});

test("a file that cannot be read is a fault of its own", () => {
  const file = join(directory, "missing.json");
  assert.deepEqual(
    faultOf(() => readConfig({ configFile: file, settings: [] })),
    { code: "CONFIG_UNREADABLE", file, errno: "ENOENT" },
  );
  assert.deepEqual(
    faultOf(() => readConfig({ configFile: directory, settings: [] })),
    { code: "CONFIG_UNREADABLE", file: directory, errno: "EISDIR" },
  );
});

test("a file that holds no JSON is refused without quoting it", () => {
  const file = fileOf('{\n  "accounts": [ { "password": hunter2 } ]\n}');
  const [problem] = problemsOf(() => readConfig({ configFile: file, settings: [] }));
  assert.equal(problem?.path, file);
  assert.match(problem?.reason ?? "", /^is no JSON/);
  assert.doesNotMatch(problem?.reason ?? "", /hunter/);
  for (const text of ["", "[]", "null", '"listen"']) {
    const bad = fileOf(text);
    assert.deepEqual(
      pathsOf(() => readConfig({ configFile: bad, settings: [] })),
      [bad],
    );
  }
});

test("a key that stands twice is refused, since one of the two would be lost", () => {
  const file = fileOf(
    '{"journal":{"dir":"/data"},"listen":{"port":0},"journal":{"durability":"none"}}',
  );
  assert.deepEqual(
    problemsOf(() => readConfig({ configFile: file, settings: [] })),
    [{ path: "journal", reason: `stands twice in ${file}` }],
  );
});

test("an unknown key, a wrong type and a value out of range are refused together", () => {
  assert.deepEqual(
    pathsOf(() =>
      read(
        { listen: { prot: 1, port: "7" }, lanes: 5, sesion: {} },
        { path: "venue.ordersMax", value: 0 },
        { path: "__proto__.x", value: 1 },
      ),
    ),
    ["__proto__", "lanes", "listen.port", "listen.prot", "sesion", "venue.ordersMax"],
  );
});

const crossCases: readonly [name: string, override: object, paths: readonly string[]][] = [
  [
    "an idle time-out within a heartbeat",
    { session: { idleTimeoutMs: 1000 } },
    ["session.idleTimeoutMs"],
  ],
  [
    "a window that the buffers cannot hold",
    { listen: { sendBuffersMax: 16 } },
    ["listen.sendBuffersMax"],
  ],
  ["orders and operators on one port", { admin: { port: 7140 } }, ["admin.port"]],
  [
    "orders and operators on one port of any address",
    { admin: { port: 7140, host: "0.0.0.0" } },
    ["admin.port"],
  ],
  [
    "two lanes on the gate's thread",
    { lanes: { count: 2, thread: "gate" }, venue: { kind: "ack" } },
    ["lanes.thread"],
  ],
  ["the book in two lanes", { lanes: { count: 2 } }, ["lanes.count"]],
  [
    "a collar and a symbol's rate in two lanes",
    {
      lanes: { count: 2 },
      venue: { kind: "ack" },
      risk: { collarPercent: 10, symbolRate: { perSecond: 1, burst: 1 } },
    },
    ["risk.collarPercent", "risk.symbolRate"],
  ],
  [
    "a symbol that stands there twice, in a table that is too small",
    {
      venue: {
        instrumentsMax: 1,
        instruments: [
          { symbol: "AAPL", tickSize: 0.01 },
          { symbol: "AAPL", tickSize: 0.01 },
        ],
      },
    },
    ["venue.instruments.1.symbol", "venue.instrumentsMax"],
  ],
  ["a folder that has no name but blanks", { journal: { dir: " \t" } }, ["journal.dir"]],
  ["a socket path of 108 bytes", { control: { socket: "s".repeat(108) } }, ["control.socket"]],
  ["a journal too deep for its socket", { journal: { dir: "d".repeat(96) } }, ["control.socket"]],
  [
    "passwords in the clear on a public address",
    { listen: { host: "0.0.0.0" } },
    ["accounts.0.password", "accounts.1.password", "accounts.2.password", "accounts.3.password"],
  ],
  [
    "an account twice, whatever its case, and one within a range",
    {
      accounts: [
        { user: "alice", password: "x", firm: "A" },
        { user: "ALICE", password: "x", firm: "A" },
        { prefix: "B", count: 10, password: "x", firm: "A" },
        { user: "b00009", password: "x", firm: "A" },
      ],
    },
    ["accounts.1", "accounts.3"],
  ],
  [
    "a range with more accounts than six characters can name",
    { accounts: [{ prefix: "BENCH", count: 11, password: "x", firm: "A" }] },
    ["accounts.0.count"],
  ],
];

for (const [name, override, paths] of crossCases) {
  test(`refused: ${name}`, () => {
    assert.deepEqual(
      pathsOf(() => read(override)),
      paths,
    );
  });
}

test("the edges of what keys ask of each other are allowed", () => {
  read({ session: { idleTimeoutMs: 1001 } });
  read({ listen: { sendBuffersMax: 17 } });
  read({ listen: { port: 0 }, admin: { port: 0 } });
  read({ admin: { port: 7140, host: "127.0.0.2" } });
  read({ lanes: { count: 2 }, venue: { kind: "ack" } });
  read({ control: { socket: "s".repeat(107) } });
  read({ journal: { dir: "d".repeat(94) } });
  read({ accounts: [{ prefix: "BENCH", count: 10, password: "x", firm: "A" }] });
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) read({ listen: { host } });
});

test("the journal's keys reach from the smallest segment to a full disk", () => {
  assert.equal(SEGMENT_BYTES_MIN, LAYOUT_SEGMENT_BYTES_MIN);
  const { journal } = read({}).config;
  assert.equal(journal.diskUsedPercentMax, 90);
  for (const segmentBytes of [SEGMENT_BYTES_MIN, 2 ** 30]) read({ journal: { segmentBytes } });
  for (const diskUsedPercentMax of [50, 97.5, 100]) read({ journal: { diskUsedPercentMax } });
  const outside = [
    { segmentBytes: SEGMENT_BYTES_MIN - 1 },
    { segmentBytes: 2 ** 30 + 1 },
    { diskUsedPercentMax: 49.9 },
    { diskUsedPercentMax: 100.1 },
    { durability: "hope" },
  ];
  for (const keys of outside) {
    assert.deepEqual(
      pathsOf(() => read({ journal: keys })),
      Object.keys(keys).map((key) => `journal.${key}`),
    );
  }
});

test("a configuration without accounts is told: nobody can log in", () => {
  const { warnings } = readConfig({
    configFile: undefined,
    settings: [{ path: "accounts", value: [] }],
  });
  assert.deepEqual(warnings, [{ path: "accounts", reason: "there is none: nobody can log in" }]);
});

test("a gateway that keeps nothing says so", () => {
  const reasons = ({ warnings }: LoadedConfig): string[] =>
    warnings.filter(({ path }) => path === "journal.durability").map(({ reason }) => reason);
  const [first] = reasons(read({ journal: { durability: "none" } }));
  assert.equal(first, "nothing is kept: for tests and benches only");
  assert.deepEqual(reasons(read({ journal: { durability: "power-loss" } })), []);
});

test("an outbox without room for a page of each account, and for one more, is warned about", () => {
  assert.equal(OUTBOX_PAGE_BYTES, LANE_OUTBOX_PAGE_BYTES);
  const reasons = (accounts: number, count: number): string[] => {
    const { warnings } = read({
      lanes: { outboxBytesMax: 64 * 1024, count },
      venue: { kind: "ack" },
      accounts: [
        { user: "A", password: "x", firm: "A" },
        { prefix: "B", count: accounts - 1, password: "x", firm: "B" },
      ],
    });
    return warnings
      .filter(({ path }) => path === "lanes.outboxBytesMax")
      .map(({ reason }) => reason);
  };
  assert.deepEqual(reasons(63, 1), []);
  assert.match(reasons(64, 1)[0] ?? "", /^has room for 63 of 64 accounts.*OUTBOX_FULL/);
  assert.deepEqual(reasons(126, 2), []);
  assert.match(reasons(127, 2)[0] ?? "", /^has room for 126 of 127 accounts/);
});

test("hashed passwords are taken anywhere and warned about nowhere", () => {
  const salt = Buffer.alloc(16, 1).toString("base64");
  const hash = Buffer.alloc(32, 2).toString("base64");
  const password = `scrypt$4096$8$1$${salt}$${hash}`;
  const accounts = [{ user: "EVE", password, firm: "EVES" }];
  assert.deepEqual(read({ listen: { host: "0.0.0.0" }, accounts }).warnings, []);
});

test("a bad password is refused without being shown", () => {
  for (const password of ["hunter2hunter2", "scrypt$1$1$1$hunter2$x", "", 5]) {
    const accounts = [{ user: "EVE", password, firm: "EVES" }];
    const problems = problemsOf(() => read({ accounts }));
    assert.deepEqual(
      problems.map((problem) => problem.path),
      ["accounts.0.password"],
    );
    assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
  }
});

test("a key without effect is warned about once somebody sets it", () => {
  const { warnings } = read({
    listen: { port: 0 },
    risk: { orderQuantityMax: 5 },
    accounts: [{ user: "A", password: "x", firm: "A", risk: { openOrdersMax: 1 } }],
  });
  assert.deepEqual(
    warnings.map((warning) => warning.path),
    ["accounts", "risk.orderQuantityMax", "accounts.0.risk.openOrdersMax"],
  );
});

test("merging replaces lists and everything that is no record", () => {
  assert.deepEqual(merge({ a: { b: 1, c: [1, 2] } }, { a: { c: [3] }, d: null }), {
    a: { b: 1, c: [3] },
    d: null,
  });
  assert.deepEqual(merge({ a: null }, { a: { b: 1 } }), { a: { b: 1 } });
});

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`random bad configurations report every bad path and no other, seed ${seed}`, () => {
  const random = mulberry32(seed);
  for (let round = 0; round < 300; round++) {
    const config = defaults();
    const leaves = leavesOf(config, "");
    const bad = new Set<string>();
    for (let change = 1 + random(6); change > 0; change--) {
      const leaf = leaves[random(leaves.length)];
      if (leaf === undefined || bad.has(leaf.path)) continue;
      bad.add(spoil(leaf, random));
    }
    const reported = new Set(findProblems(config).map((problem) => problem.path));
    assert.deepEqual([...reported].sort(), [...bad].sort(), `round ${round}`);
  }
});

interface Leaf {
  readonly owner: Record<string, unknown>;
  readonly key: string;
  readonly path: string;
}

/** Every key that has no record beneath it. */
function leavesOf(value: unknown, path: string): Leaf[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => leavesOf(item, joinPath(path, String(index))));
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, beneath]) => {
    const isLeaf = !isRecord(beneath) && !(Array.isArray(beneath) && beneath.some(isRecord));
    return isLeaf
      ? [{ owner: value, key, path: joinPath(path, key) }]
      : leavesOf(beneath, joinPath(path, key));
  });
}

/** Makes one key wrong in some way and returns the path that must be reported for it. */
function spoil({ owner, key, path }: Leaf, random: (below: number) => number): string {
  switch (random(4)) {
    case 0:
      delete owner[key];
      return path;
    case 1:
      owner[`${key}X`] = owner[key];
      return `${path}X`;
    case 2:
      owner[key] = typeof owner[key] === "boolean" ? "true" : true;
      return path;
    default:
      owner[key] = -1.5;
      return path;
  }
}

/** A small seeded generator: whole numbers below a bound. */
function mulberry32(start: number): (below: number) => number {
  let state = start | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

test("what main is given has the type's every key", () => {
  const config: GatewayConfig = read({}).config;
  assert.deepEqual(Object.keys(config), Object.keys(defaults() as object));
});

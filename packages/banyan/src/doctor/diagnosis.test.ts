import {
  anyone,
  app,
  BanyanError,
  command,
  context,
  event,
  resolveSettings,
  secret,
  settings,
  treeLayer,
  violation,
  type LogState,
  type SettingValues,
  type SubscriptionState,
} from "@banyan/core";
import { apiKeys, checksumOf } from "@banyan/node";
import { expect, test } from "vitest";
import { z } from "zod";
import { CHECKS, diagnose } from "./diagnosis.ts";
import type { CodeFacts, DataFacts, Facts, FolderFacts } from "./facts.ts";
import type { Status } from "./finding.ts";

const MIB = 1024 * 1024;
const NOW = Date.UTC(2026, 0, 1);
const Placed = event("orders.placed", { version: 1, key: "id", data: z.object({ id: z.string() }) });
const Place = command("orders.place", { input: z.object({ id: z.string() }) });
const migration = { name: "001-orders.sql", sql: "CREATE TABLE orders_order (id TEXT) STRICT" };
const orders = context("orders", { contract: { Placed, Place }, migrations: [migration] });
orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
orders.on(Placed, { name: "charge", from: "start" }, () => {});
const auth = [apiKeys({ keys: [] })];

const subscription: SubscriptionState = {
  subscription: "orders.charge",
  source: "orders",
  incarnation: "i",
  held: false,
  paused: undefined,
  fullOf: undefined,
  pos: 3,
  last: 3,
  behind: 0,
  inFlight: 0,
  parked: { retrying: 0, waiting: 0, dead: 0, unknown: 0 },
  parkedBytes: 0,
  rate: { in: 0, out: 0 },
  drainedInMs: 0,
  oldestAt: undefined,
};
const log: LogState = {
  source: "orders",
  incarnation: "i",
  first: 1,
  last: 3,
  entries: 3,
  bytes: 900,
  heldBy: undefined,
  keepMs: undefined,
  waitingBytes: 0,
  budgetBytes: 1_000,
};
const store = {
  sqlite: "3.53.0",
  settings: { journal_mode: { is: "wal", needed: "wal" }, synchronous: { is: 2, needed: 2 } },
  migrations: [{ context: "orders", name: migration.name, checksum: checksumOf(migration) }],
  cursors: ["orders.charge"],
  lastEntryAt: NOW - 1_000,
};
const data: DataFacts = {
  running: true,
  process: { pid: 7, node: "26.1.0", store },
  subscriptions: [subscription],
  logs: [log],
  audit: [],
};
const folder: FolderFacts = {
  path: "/data",
  mode: 0o700,
  files: [
    { name: "banyan.db", mode: 0o644, bytes: MIB },
    { name: "banyan.sock", mode: 0o600, bytes: 0 },
  ],
  network: undefined,
  space: { free: 50_000 * MIB, total: 100_000 * MIB },
};
const code: CodeFacts = {
  app: app({ contexts: [orders], auth, http: { tls: "in-front", trustProxy: { hops: 1 } } }),
  auth,
  settings: { problems: [], states: [] },
  violations: [],
};
const declared = settings({ url: z.url(), retries: z.int().default(3), key: secret(z.string().min(9)) });
const ofSettings = (given: SettingValues): CodeFacts => ({
  ...code,
  settings: resolveSettings(declared, [treeLayer(declared, given, { source: "banyan.json" })]),
});
const sound: Facts = { now: NOW, node: "26.1.0", platform: "linux", env: {}, folder, data, code };

/** Facts of which something of the data is otherwise. */
const ofStore = (other: Partial<typeof store>): Facts => ({
  ...sound,
  data: { ...data, process: { ...data.process, store: { ...store, ...other } } },
});
const ofSubscription = (other: Partial<SubscriptionState>): Facts => ({
  ...sound,
  data: { ...data, subscriptions: [{ ...subscription, ...other }] },
});
const ofLog = (waitingBytes: number): Facts => ({ ...sound, data: { ...data, logs: [{ ...log, waitingBytes }] } });
const ofFolder = (other: Partial<FolderFacts>): Facts => ({ ...sound, folder: { ...folder, ...other } });
const beside = (judged: CodeFacts, running: boolean): Facts => ({ ...sound, data: { ...data, running }, code: judged });
const parked = { retrying: 1, waiting: 1, dead: 0, unknown: 0 };
const [db] = folder.files;

test("a sound application passes every check, in words", () => {
  const { verdict, checks } = diagnose(sound);
  expect(checks.filter(({ status }) => status !== "PASS")).toEqual([]);
  expect(verdict).toBe("pass");
  expect(new Set(checks.map(({ check }) => check)).size).toBe(CHECKS.length);
  for (const { message } of checks) expect(message).not.toBe("");
});

const SHORT: readonly [string, Status, string, Facts][] = [
  ["node", "FAIL", "Node 24.14.9", { ...sound, node: "24.14.9" }],
  ["node", "FAIL", "Node 22.0.0", { ...sound, data: { ...data, process: { ...data.process, node: "22.0.0" } } }],
  ["rights", "FAIL", "Others on this machine", ofFolder({ mode: 0o755 })],
  ["rights", "FAIL", "Others", ofFolder({ files: [{ name: "dev-token", mode: 0o640, bytes: 33 }] })],
  ["disk", "FAIL", "NFS", ofFolder({ network: "NFS" })],
  ["room", "FAIL", "no command begins", ofFolder({ space: { free: 900 * MIB, total: 100_000 * MIB } })],
  ["room", "WARN", "are kept", ofFolder({ space: { free: 1_500 * MIB, total: 100_000 * MIB } })],
  [
    "sizes",
    "WARN",
    "write-ahead log",
    ofFolder({ files: [{ name: "banyan.db-wal", mode: 0o600, bytes: 2_000 * MIB }] }),
  ],
  ["data", "FAIL", "database-corrupt", { ...sound, data: new BanyanError("database-corrupt", "It is damaged.") }],
  ["data", "UNKNOWN", "ops-unreachable", { ...sound, data: new BanyanError("ops-unreachable", "No answer.") }],
  ["data", "UNKNOWN", "starting", { ...sound, data: new BanyanError("starting", "Not yet.") }],
  ["sqlite", "UNKNOWN", "not judged", { ...sound, data: new BanyanError("ops-unreachable", "No answer.") }],
  [
    "sqlite",
    "FAIL",
    "synchronous is 1, not 2",
    ofStore({ settings: { ...store.settings, synchronous: { is: 1, needed: 2 } } }),
  ],
  ["clock", "FAIL", "2026-01-01T01:00:00", ofStore({ lastEntryAt: NOW + 3_600_000 })],
  ["backlog", "FAIL", "commands are refused", ofLog(1_000)],
  ["backlog", "WARN", "over half", ofLog(600)],
  ["delivery", "FAIL", "nothing new is fetched: orders.charge", ofSubscription({ fullOf: "rows" })],
  ["delivery", "WARN", "dead entries: orders.charge", ofSubscription({ parked: { ...parked, dead: 1 } })],
  ["delivery", "WARN", "paused: orders.charge", ofSubscription({ paused: "no ink" })],
  ["delivery", "WARN", "held: orders.charge", ofSubscription({ held: true })],
  ["delivery", "WARN", "unknown versions", ofSubscription({ parked: { ...parked, unknown: 1 } })],
  ["code", "UNKNOWN", "config-not-found", { ...sound, code: new BanyanError("config-not-found", "None.") }],
  ["registration", "UNKNOWN", "not judged", { ...sound, code: new BanyanError("config-not-found", "None.") }],
  [
    "registration",
    "FAIL",
    "policy-missing",
    { ...sound, code: { ...code, violations: [violation("policy-missing", "a.ts:1", "It does not say.")] } },
  ],
  [
    "migrations",
    "FAIL",
    "another text: orders/001-orders.sql",
    ofStore({ migrations: [{ context: "orders", name: migration.name, checksum: "x" }] }),
  ],
  ["migrations", "WARN", "Not applied yet: orders/001-orders.sql", ofStore({ migrations: [] })],
  [
    "migrations",
    "WARN",
    "not in this code: orders/002-more.sql",
    ofStore({ migrations: [...store.migrations, { context: "orders", name: "002-more.sql", checksum: "x" }] }),
  ],
  ["cursors", "FAIL", "orders.gone", ofStore({ cursors: ["orders.charge", "orders.gone"] })],
  ["authentication", "WARN", "is a guest", { ...sound, code: { ...code, auth: [] } }],
  ["authentication", "UNKNOWN", "not judged", { ...sound, code: { ...code, auth: undefined } }],
  ["settings", "FAIL", "url from banyan.json is wrong. Expected: a URL.", beside(ofSettings({ url: "canary" }), false)],
  ["settings", "WARN", "that this command finds: url is not set.", beside(ofSettings({ key: "canary-secret" }), true)],
  [
    "transport",
    "WARN",
    "nothing says that TLS",
    { ...sound, code: { ...code, app: app({ contexts: [orders], auth }) } },
  ],
  [
    "transport",
    "WARN",
    "`http.trustProxy` does not name",
    { ...sound, code: { ...code, app: app({ contexts: [orders], auth, http: { tls: "in-front" } }) } },
  ],
  [
    "other-origins",
    "WARN",
    "pages of http://a.example,",
    {
      ...sound,
      code: {
        ...code,
        app: app({
          contexts: [orders],
          auth,
          http: { tls: "in-front", cors: { origins: ["http://a.example", "https://b.example"], credentials: true } },
        }),
      },
    },
  ],
  ["development-token", "WARN", "BANYAN_DEV_TOKEN", { ...sound, env: { BANYAN_DEV_TOKEN: "x" } }],
  [
    "development-token",
    "WARN",
    "/data/dev-token",
    ofFolder({ files: [{ name: "dev-token", mode: 0o600, bytes: 33 }] }),
  ],
];

test("each setting is told with its type and source, and none with its value", () => {
  const given = { url: "https://canary.example", key: "canary-secret" };
  const { checks } = diagnose({ ...sound, code: ofSettings(given) });
  expect(checks.find(({ check }) => check === "settings")).toEqual({
    check: "settings",
    status: "PASS",
    message:
      "url (a URL) from banyan.json; retries (a whole number) from default; " +
      "key (secret, text of 9 characters or more) from banyan.json",
  });
});

test.each(SHORT)("%s: %s where it says %s", (...[name, status, words, facts]) => {
  const { verdict, checks } = diagnose(facts);
  const found = checks.find(({ check }) => check === name);
  expect(found).toMatchObject({
    status,
    message: expect.stringContaining(words),
    remedy: expect.stringMatching(/\.$/),
  });
  expect(verdict).toBe(status === "WARN" ? "pass" : status === "FAIL" ? "fail" : "unknown");
});

test("every check but those that only list has a case that falls short", () => {
  const short = new Set(SHORT.map(([name]) => name));
  expect(CHECKS.map(({ name }) => name).filter((name) => !short.has(name))).toEqual(["audit", "open"]);
});

test("what a passing check lists", () => {
  const said = (facts: Facts, name: string): string => {
    const { status, message } = diagnose(facts).checks.find(({ check }) => check === name) ?? {};
    return `${status} ${message}`;
  };
  const record = { id: "1", at: NOW, operator: "key:ops", why: "x", action: "skip", subject: {} } as const;
  expect(said({ ...sound, data: { ...data, audit: [record] } }, "audit")).toContain('skip by "key:ops"');
  expect(said(ofSubscription({ parked }), "sizes")).toMatch(/ 3 entries in 1 logs, 2 parked$/);
  expect(said(sound, "open")).toBe("PASS commands that anybody may send: orders.place");
  expect(said(ofSubscription({ parked }), "delivery")).toBe("PASS 2 entries are parked and tried again");
  expect(said({ ...sound, platform: "win32", folder: { ...folder, mode: 0o777 } }, "rights")).toMatch(/^PASS/);
  expect(said({ ...ofFolder({ files: db === undefined ? [] : [{ ...db, bytes: 5 * MIB }] }) }, "sizes")).toContain(
    "database 5MiB",
  );
});

test("a place that is renamed, forgotten or held is no lost one", () => {
  const moved = context("orders", { contract: { Placed }, rename: { old: "charge" }, forget: ["gone"] });
  moved.on(Placed, { name: "charge", from: "start" }, () => {});
  const cursors = ["orders.charge", "orders.old", "orders.gone", "orders.held"];
  const held = { ...subscription, subscription: "orders.held", held: true };
  const facts = ofStore({ cursors });
  const whole: Facts = {
    ...facts,
    data: { ...(facts.data as DataFacts), subscriptions: [held] },
    code: { ...code, app: app({ contexts: [moved], auth }) },
  };
  expect(diagnose(whole).checks.find(({ check }) => check === "cursors")?.status).toBe("PASS");
});

test("where nothing has been started yet there is nothing to fall short of", () => {
  const { verdict, checks } = diagnose({ ...sound, folder: undefined, data: undefined });
  expect(verdict).toBe("pass");
  expect(checks.filter(({ status }) => status !== "PASS")).toEqual([]);
});

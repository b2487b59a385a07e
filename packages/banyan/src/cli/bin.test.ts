import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Fixture, shopWith } from "../check/fixture.ts";

const BIN = join(import.meta.dirname, "..", "..", "bin", "banyan.js");
const PLANTED = "contexts/inventory/index.ts:5:11 policy-missing ";

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A shop that can also be run: it finds the packages of this checkout. */
function runnable(edits: Parameters<typeof shopWith>[0]): Fixture {
  const shop = shopWith({ "package.json": '{ "type": "module" }', ...edits });
  symlinkSync(join(import.meta.dirname, "..", "..", "..", "..", "node_modules"), shop.path("node_modules"));
  return shop;
}

/** Runs the real thing in a process of its own, without what the tests' own Node was started with. */
function banyan(cwd: string, words: readonly string[]): Promise<Ended> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd, env, timeout: 15_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

test("a shop that keeps the rules ends with 0", async () => {
  using shop = runnable({});
  expect(await banyan(shop.folder, [BIN, "check"])).toEqual({ code: 0, out: "check: fine\n", err: "" });
});

test("one that does not ends with 1 and says where, as text and as one document", async () => {
  using shop = runnable({ "contexts/inventory/index.ts": (text) => text.replace("allow: anyone()", "") });
  const text = await banyan(shop.folder, [BIN, "check"]);
  expect(text).toMatchObject({ code: 1, err: "" });
  expect(text.out).toContain(PLANTED);
  const data = await banyan(join(shop.folder, "contexts"), [BIN, "check", "--json", "--config", "../banyan.config.ts"]);
  expect(data).toMatchObject({ code: 1, err: "" });
  expect(JSON.parse(data.out)).toMatchObject({
    ok: false,
    violations: [{ code: "policy-missing", file: "inventory/index.ts", line: 5, column: 11 }],
    warnings: [],
    unjudged: [],
  });
});

test("one that cannot be read ends with 2", async () => {
  using shop = shopWith({ "contexts/inventory/prices.ts": "export const = 1;\n" });
  const { code, out } = await banyan(shop.folder, [BIN, "check"]);
  expect(code).toBe(2);
  expect(out).toContain("contexts/inventory/prices.ts:1:14 not judged: source-unreadable ");
});

test("one whose packages are not installed cannot be judged in full, and the file is named", async () => {
  using shop = shopWith({});
  const { code, out } = await banyan(shop.folder, [BIN, "check"]);
  expect(code).toBe(2);
  expect(out).toMatch(/^banyan\.config\.ts:1:1 not judged: config-invalid .*Cannot find package 'banyan'/m);
});

test("a folder without a config ends with 2 and one error", async () => {
  using shop = shopWith({});
  const { code, out } = await banyan(join(shop.folder, "contexts"), [BIN, "check", "--json"]);
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ error: { code: "config-not-found" } });
});

test("a reader that has gone away is no failure", async () => {
  const child = spawn(process.execPath, [BIN, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  let err = "";
  child.stderr.on("data", (chunk) => (err += String(chunk)));
  const [code] = await once(child, "close");
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("a Node that is too old is refused in words", async () => {
  const old =
    "data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.18.0' } })";
  using shop = shopWith({});
  const { code, out, err } = await banyan(shop.folder, ["--import", old, BIN, "check"]);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(
    /^banyan: node-too-old: banyan needs Node 24\.15 or newer, but this is 22\.18\.0 .+\n {2}remedy: .+\n$/,
  );
});

test("what was compiled is kept beside the packages, but `start` writes nothing there", async () => {
  using folder = shopWith({});
  mkdirSync(folder.path("node_modules"));
  expect(await banyan(folder.folder, [BIN, "start", "--config", "none.ts"])).toMatchObject({ code: 2 });
  expect(existsSync(folder.path("node_modules/.cache"))).toBe(false);
  expect(await banyan(folder.folder, [BIN, "--version"])).toMatchObject({ code: 0 });
  expect(existsSync(folder.path("node_modules/.cache/banyan"))).toBe(true);
});

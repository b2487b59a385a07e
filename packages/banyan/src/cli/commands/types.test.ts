import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Fixture, SHOP } from "../../check/fixture.ts";
import { main } from "../main.ts";

const MIGRATION =
  'migrations: [{ name: "001-a.sql", sql: "CREATE TABLE orders_order (id TEXT PRIMARY KEY, at INTEGER DEFAULT 0) STRICT" }]';

/** The shop, whose orders have a table and a version of their folder that no other test has loaded. */
function shop(edits: Readonly<Record<string, string>> = {}): Fixture {
  const orders = SHOP["contexts/orders/index.ts"]?.replace("uses: [GetPrice]", `uses: [GetPrice], ${MIGRATION}`) ?? "";
  const made = new Fixture({
    ...SHOP,
    "package.json": '{ "type": "module" }',
    "contexts/orders/index.ts": orders,
    ...edits,
  });
  symlinkSync(join(import.meta.dirname, "..", "..", "..", "..", "..", "node_modules"), made.path("node_modules"));
  return made;
}

async function types(cwd: string, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(["types", ...words], { out, err, cwd, env: {} });
  return { code, ...written };
}

test("a file beside each context that has tables; --check is 1 until it is what it should be", async () => {
  using made = shop();
  const file = "contexts/orders/tables.ts";
  expect(await types(made.folder, "--check")).toEqual({
    code: 1,
    out: `missing  ${file}\n\`banyan types\` writes them.\n`,
    err: "",
  });
  expect(existsSync(made.path(file))).toBe(false);
  expect(await types(made.folder)).toEqual({ code: 0, out: `written  ${file}\n`, err: "" });
  expect(readFileSync(made.path(file), "utf8")).toContain(
    "export interface OrdersTables {\n  orders_order: {\n    id: string;",
  );
  expect(await types(made.folder)).toEqual({ code: 0, out: `current  ${file}\n`, err: "" });
  expect(await types(made.folder, "--check")).toMatchObject({ code: 0 });
  const text = readFileSync(made.path(file), "utf8");
  made.write(file, text.replaceAll("\n", "\r\n"));
  expect(await types(made.folder, "--check")).toMatchObject({ code: 0 });
  made.write(file, text.replace("id: string", "id: number"));
  const stale = await types(made.folder, "--check", "--json");
  expect(stale).toMatchObject({ code: 1, err: "" });
  expect(JSON.parse(stale.out)).toEqual({ ok: false, files: [{ context: "orders", file, state: "stale" }] });
});

test("a file of somebody's own is never written over, nor is anything else then", async () => {
  using made = shop({ "contexts/orders/tables.ts": "export interface OrdersDb {}\n" });
  for (const words of [[], ["--check"]]) {
    const { code, out, err } = await types(made.folder, ...words);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^banyan: types-file-foreign: .*orders\/tables\.ts .*\n {2}remedy: Move it away/);
  }
  expect(readFileSync(made.path("contexts/orders/tables.ts"), "utf8")).toBe("export interface OrdersDb {}\n");
});

test("--out puts all into one folder, --context asks for some, and Kysely is known by the import of it", async () => {
  const orders = SHOP["contexts/orders/index.ts"]?.replace("uses: [GetPrice]", `uses: [GetPrice], ${MIGRATION}`);
  using made = shop({ "contexts/orders/index.ts": `import type {} from "@banyan/kysely";\n${orders}` });
  expect(await types(made.folder, "--out", "generated", "--context", "orders")).toMatchObject({
    out: "written  generated/orders.ts\n",
  });
  expect(readFileSync(made.path("generated/orders.ts"), "utf8")).toContain("at: Generated<number | null>;");
  expect(await types(made.folder, "--context", "inventory")).toEqual({ code: 0, out: "", err: "" });
  expect(await types(made.folder, "--context", "order")).toMatchObject({
    code: 2,
    err: expect.stringMatching(/option-invalid: .*Did you mean "orders"\?/),
  });
});

test("contexts that share a file have files of their own, and a migration that fails is said as at a start", async () => {
  const config = (sql: string): string => `import { app, context } from "banyan";
    const one = (name, table) => context(name, { contract: {}, migrations: [{ name: "001-a.sql", sql: \`CREATE TABLE \${table} (id TEXT)\` }] });
    const a = one("a-b", "a_b_row");
    const b = one("c", "${sql}");
    export default app({ contexts: [a, b] });`;
  using made = shop({ "banyan.config.ts": config("c_row") });
  expect((await types(made.folder)).out).toBe("written  tables-a-b.ts\nwritten  tables-c.ts\n");
  using failing = shop({ "banyan.config.ts": config("a_b_other") });
  expect(await types(failing.folder)).toMatchObject({ code: 2, err: expect.stringContaining("migration-invalid") });
});

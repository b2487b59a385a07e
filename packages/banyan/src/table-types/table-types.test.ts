import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeTables } from "@banyan/node";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { tableTypes } from "./table-types.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const LONG = Array.from({ length: 12 }, (_, i) => `'state-number-${i}'`).join(", ");
const SQL = `
  CREATE TABLE order_items_strict (
    id INTEGER PRIMARY KEY, small INT NOT NULL, "real" REAL, text TEXT NOT NULL DEFAULT 'x', bytes BLOB, any ANY NOT NULL,
    none TEXT NOT NULL DEFAULT NULL, twice INTEGER NOT NULL GENERATED ALWAYS AS (small * 2) VIRTUAL,
    state TEXT NOT NULL CHECK (state IN ('a', 'it''s "b"')), flag INTEGER CHECK ("flag" IN (0, 1)) DEFAULT 0,
    "odd ""name" TEXT, "it's" TEXT, "größe" INTEGER,
    long TEXT CHECK (long IN (${LONG})), kept TEXT NOT NULL DEFAULT 'state-number-0' CHECK (kept IN (${LONG}))
  ) STRICT;
  CREATE TABLE order_items_loose (
    key VARCHAR(20) PRIMARY KEY, day DATE NOT NULL, yes BOOLEAN, price DOUBLE, what, blob BLOB, number BIGINT NOT NULL
  );
  CREATE TABLE order_items_pair (left TEXT, right TEXT, PRIMARY KEY (left, right)) WITHOUT ROWID;
  CREATE VIEW order_items_seen AS SELECT id, text, small + 1 AS more FROM order_items_strict;
  CREATE VIRTUAL TABLE order_items_found USING fts5(body);
  CREATE INDEX order_items_by_day ON order_items_loose (day);`;

const described = (sql = SQL, name = "order-items") => {
  const [tables] = describeTables([{ name, migrations: [{ name: "001-all.sql", sql }] }]);
  if (tables === undefined) throw new Error("no context");
  return tables;
};

/** The columns of one table, as they are written. */
function columnsOf(text: string, table: string): Record<string, string> {
  const [, body = ""] = new RegExp(`^  ${table}: \\{\n([^]*?)^  \\};`, "m").exec(text) ?? [];
  const columns = body.split(/;\n/).map((column) => /^\s*(.+?):\s*([^]*)$/.exec(column)?.slice(1) ?? []);
  return Object.fromEntries(columns.filter(({ length }) => length > 0));
}

test("a strict table is described exactly", () => {
  const text = tableTypes(described(), "plain");
  expect(text).toMatch(/^\/\/ Written by `banyan types` from the migrations of "order-items"\./);
  expect(text).toContain("\nexport interface OrderItemsTables {\n");
  expect(columnsOf(text, "order_items_strict")).toMatchObject({
    id: "number",
    small: "number",
    real: "number | null",
    text: "string",
    bytes: "Uint8Array | null",
    any: "unknown",
    twice: "number",
    state: `"a" | 'it\\'s "b"'`,
    flag: "0 | 1 | null",
    größe: "number | null",
    "'odd \"name'": "string | null",
    '"it\'s"': "string | null",
  });
  expect(columnsOf(text, "order_items_pair")).toEqual({ left: "string", right: "string" });
});

test("other tables by what SQLite makes of a value, views and virtual tables by what is known of them", () => {
  const text = tableTypes(described(), "plain");
  expect(columnsOf(text, "order_items_loose")).toEqual({
    key: "string | null",
    day: "number | string",
    yes: "number | string | null",
    price: "number | null",
    what: "unknown",
    blob: "Uint8Array | null",
    number: "number",
  });
  expect(columnsOf(text, "order_items_seen")).toEqual({
    id: "number | null",
    text: "string | null",
    more: "unknown",
  });
  expect(columnsOf(text, "order_items_found")).toEqual({ body: "unknown" });
  expect(text).not.toMatch(/order_items_found_data|order_items_by_day|banyan_/);
});

test("for Kysely a column says what may be written: nothing, or not necessarily something", () => {
  const text = tableTypes(described(), "kysely");
  expect(text).toContain('\nimport type { Generated, GeneratedAlways } from "kysely";\n\n');
  const columns = columnsOf(text, "order_items_strict");
  expect(columns).toMatchObject({
    id: "Generated<number>",
    text: "Generated<string>",
    none: "string",
    twice: "GeneratedAlways<number>",
    flag: "Generated<0 | 1 | null>",
    small: "number",
  });
  expect(columnsOf(text, "order_items_seen")["id"]).toBe("GeneratedAlways<number | null>");
  expect(tableTypes(described("CREATE TABLE orders_a (b TEXT);", "orders"), "kysely")).not.toContain("import");
});

test("the same tables give the same text, in whatever order they were made", () => {
  const a = "CREATE TABLE orders_a (x TEXT) STRICT;";
  const b = "CREATE TABLE orders_b (x TEXT) STRICT;";
  expect(tableTypes(described(a + b, "orders"), "plain")).toBe(tableTypes(described(b + a, "orders"), "plain"));
});

test("names in a database become names in a type and never code", () => {
  const evil = [
    "*/ evil(); /*",
    "}; evil(); {",
    "a\n}\nevil();\n{",
    "`${evil()}`",
    '\\"; evil(); "',
    "\u2028evil()",
    "__proto__",
  ];
  const column = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const checks = evil.map((value) => `'${value.replaceAll("'", "''")}'`).join(", ");
  const sql = `CREATE TABLE ${column(`order_items_${evil.join("")}`)} (
    ${evil.map((name) => `${column(name)} TEXT`).join(", ")}, chosen TEXT CHECK (chosen IN (${checks}))
  ) STRICT;`;
  for (const form of ["kysely", "plain"] as const) {
    const { program, errors } = parseSync("tables.ts", tableTypes(described(sql), form));
    expect(errors).toEqual([]);
    const kinds = program.body.map(({ type }) => type).filter((type) => type !== "ImportDeclaration");
    expect(kinds).toEqual(["ExportNamedDeclaration"]);
  }
});

test("what is written compiles, holds what it says for Kysely, and is formatted", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "banyan-types-"));
  try {
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(join(folder, "tables.ts"), tableTypes(described(), "kysely"));
    writeFileSync(join(folder, "plain.ts"), tableTypes(described(), "plain"));
    writeFileSync(join(folder, "use.ts"), USE);
    writeFileSync(join(folder, ".oxfmtrc.json"), '{ "printWidth": 120 }');
    const run = (command: string, ...words: string[]): unknown => {
      const options = { cwd: folder, encoding: "utf8", stdio: "pipe" } as const;
      try {
        return execFileSync(process.execPath, [join(ROOT, "node_modules", ...command.split("/")), ...words], options);
      } catch (error) {
        return String((error as { stdout?: unknown }).stdout) + String((error as { stderr?: unknown }).stderr);
      }
    };
    const flags = "--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --module nodenext --target esnext";
    expect(run("typescript/bin/tsc", ...flags.split(" "), "--types", "", "use.ts", "plain.ts")).toBe("");
    expect(run("oxfmt/bin/oxfmt", "--check", "tables.ts", "plain.ts")).toContain("correct format");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const USE = `import type { Insertable, Selectable, Updateable } from "kysely";
import type { OrderItemsTables } from "./tables.js";
type Strict = OrderItemsTables["order_items_strict"];
type Seen = OrderItemsTables["order_items_seen"];
const least: Insertable<Strict> = { small: 1, any: 0, none: "n", state: "a" };
const row = null as unknown as Selectable<Strict>;
const state: "a" | 'it\\'s "b"' = row.state;
const id: number = row.id;
const long: "state-number-3" | null = row.long === "state-number-3" ? row.long : null;
// @ts-expect-error: it is computed
const computed: Updateable<Strict> = { twice: 1 };
// @ts-expect-error: no such state
const other: Updateable<Strict> = { state: "c" };
// @ts-expect-error: it has to be given
const without: Insertable<Strict> = { small: 1, any: 0, none: "n" };
// @ts-expect-error: a view is not written
const seen: keyof Insertable<Seen> = "id";
export { least, state, id, long, computed, other, without, seen };
`;

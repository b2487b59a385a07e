import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OpsInput } from "../packages/node/src/ops/ops-input.ts";
import { fieldsIn } from "./interface-fields.ts";
import { fieldsAsked } from "./ops-fields.ts";
import { referencePages } from "./reference.ts";

const root = join(import.meta.dirname, "..");

test.each([...referencePages()])("%s says what the table says (npm run docs writes it)", (path, page) => {
  expect(readFileSync(join(root, path), "utf8")).toBe(page);
});

const sources = globSync("packages/*/src/**/*.ts", { cwd: root, exclude: (path) => path.endsWith(".test.ts") }).map(
  (path) => ({ path, text: readFileSync(join(root, path), "utf8") }),
);

test("every variable of ours that the sources read is in the reference", () => {
  const read = new Set(sources.flatMap(({ text }) => text.match(/(?<=["`])BANYAN_[A-Z]+(?:_[A-Z]+)*(?=["`])/g) ?? []));
  // said by the supervisor of `banyan dev` to the process it starts, and by nobody else
  read.delete("BANYAN_WATCHED");
  const page = referencePages().get("docs/reference/configuration.md") ?? "";
  expect(read.size).toBeGreaterThan(1);
  expect([...read].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test("every route of the process itself comes from the table of the reference", () => {
  const named = sources
    .filter(({ path }) => path.startsWith("packages/node/src/http/") && !path.endsWith("own-routes.ts"))
    .flatMap(({ path, text }) => (text.match(/"\/_banyan\/[^"]*"/g) ?? []).map((route) => `${path}: ${route}`));
  expect(named).toEqual([]);
});

test("every way in which a request of operators reads a field is known", () => {
  const ways = Object.getOwnPropertyNames(OpsInput.prototype).filter((name) => name !== "constructor");
  const read = ways.filter((way) => fieldsAsked(`function one() {\n  input.${way}("a", 1);\n}`, "one").length === 1);
  expect(ways.filter((way) => !read.includes(way))).toEqual(["nothingElse"]);
});

test("the fields of a request are those that its function reads, and who and why where it is a change", () => {
  const source = `async function change(ask: OpsAsk): Promise<object> {
  const which = { subscription: input.text("subscription", NAME), key: input.textOrNone("key", KEY) };
  return ask.ground.delivery.redrive(which, operatorOf(ask));
}

function operatorOf({ input, who }: OpsAsk): Operator {
  return { name: who ?? input.text("as", 200), why: input.text("why", 2_000) };
}`;
  expect(fieldsAsked(source, "change").map(({ name, optional }) => `${name}${optional ? "?" : ""}`)).toEqual([
    "subscription",
    "key?",
    "as",
    "why",
  ]);
  expect(() => fieldsAsked(source, "gone")).toThrow("no function gone");
});

test("the fields of an interface have the words above them, and none may be without", () => {
  const source = `export interface Options {
  /** How long. */
  readonly timeoutMs: number;
  /**
   * Over
   * two lines.
   */
  readonly shape?: "a" | "b";
}`;
  expect(fieldsIn(source, "a.ts", "Options")).toEqual([
    { name: "timeoutMs", optional: false, type: "number", words: "How long." },
    { name: "shape", optional: true, type: '"a" | "b"', words: "Over two lines." },
  ]);
  expect(() => fieldsIn(source.replace("/** How long. */", ""), "a.ts", "Options")).toThrow(
    "a.ts: Options says nothing of timeoutMs",
  );
  expect(() => fieldsIn(source, "a.ts", "Gone")).toThrow("a.ts exports no interface Gone");
});

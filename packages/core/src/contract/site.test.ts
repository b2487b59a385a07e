import { readFileSync } from "node:fs";
import { command, context, event, query } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { callSite, placeIn } from "./site.ts";

const lines = readFileSync(import.meta.filename, "utf8").split("\n");

/** Where `mark` stands in this file, as an editor counts. */
function place(mark: string): string {
  const line = lines.findIndex((text) => text.includes(mark));
  return `${import.meta.filename}:${line + 1}`;
}

const withoutColumn = (at: string): string => at.replace(/:\d+$/, "");
const data = z.object({ id: z.string() });

test("a contract knows the line on which it was written", () => {
  const Happened = event("orders.happened", { version: 1, key: "id", data });
  const Do = command("orders.do", { input: data });
  const Ask = query("orders.ask", { input: data, output: data });
  expect(withoutColumn(Happened.at)).toBe(place("const Happened ="));
  expect(withoutColumn(Do.at)).toBe(place("const Do ="));
  expect(withoutColumn(Ask.at)).toBe(place("const Ask ="));
});

test("so do a context and everything registered on it", () => {
  const Do = command("orders.do", { input: data });
  const Ask = query("orders.ask", { input: data, output: data });
  const Happened = event("orders.happened", { version: 1, key: "id", data });
  const orders = context("orders", { contract: { Do, Ask, Happened } });
  orders.handle(Do, { allow: { policy: "anyone", roles: [] } }, () => {});
  orders.answer(Ask, { allow: { policy: "anyone", roles: [] } }, (input) => input);
  orders.on(Happened, { name: "note", from: "start" }, () => {});
  const { definition } = orders;
  expect(withoutColumn(definition.at)).toBe(place("const orders ="));
  expect(withoutColumn(definition.commands[0]!.at)).toBe(place("orders.handle(Do"));
  expect(withoutColumn(definition.queries[0]!.at)).toBe(place("orders.answer(Ask"));
  expect(withoutColumn(definition.subscriptions[0]!.at)).toBe(place("orders.on(Happened"));
});

test("the column is that of the call", () => {
  const here = callSite(0); // the column
  const line = lines.find((text) => text.endsWith("// the column")) ?? "";
  expect(here.split(":").at(-1)).toBe(String(line.indexOf("callSite(0)") + 1));
});

test.each([
  ["    at file:///home/team/contract.ts:3:14", "/home/team/contract.ts:3:14"],
  ["    at load (file:///home/team/contract.ts:3:14)", "/home/team/contract.ts:3:14"],
  ["    at async file:///home/team/contract.ts:3:14", "/home/team/contract.ts:3:14"],
  ["    at async Object.load [as x] (file:///home/team/contract.ts:3:14)", "/home/team/contract.ts:3:14"],
  ["    at Object.<anonymous> (/home/team/contract.ts:3:14)", "/home/team/contract.ts:3:14"],
  ["    at /home/our team/contract.ts:3:14", "/home/our team/contract.ts:3:14"],
  ["    at load (/home/our team (new)/contract.ts:3:14)", "/home/our team (new)/contract.ts:3:14"],
  ["    at file:///home/our%20team/contract.ts:3:14", "/home/our team/contract.ts:3:14"],
  ["    at file:///home/100%/contract.ts:3:14", "/home/100%/contract.ts:3:14"],
  ["    at file:///home/team/contract.ts?t=17:3:14", "/home/team/contract.ts:3:14"],
  ["    at file:///C:/team/contract.ts:3:14", "C:/team/contract.ts:3:14"],
  ["    at new Promise (<anonymous>)", ""],
  ["event@https://example.org/app.js", ""],
  ["", ""],
])("%j is at %j", (frame, at) => {
  expect(placeIn(frame)).toBe(at);
});

test("a frame that is not there has no place", () => {
  expect(callSite(1_000)).toBe("");
});

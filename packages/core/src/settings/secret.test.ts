import { expect, test } from "vitest";
import { asBanyanError } from "../error/index.ts";
import { Secret } from "./secret.ts";

const CANARY = "canary-7f3a";
const kept = new Secret(CANARY);

test("a secret is given only when it is asked for", () => {
  expect(kept.reveal()).toBe(CANARY);
});

test.each<[string, () => unknown]>([
  ["text", () => `${String(kept)} ${kept as unknown as string}`],
  ["JSON", () => JSON.stringify({ kept, list: [kept] })],
  ["its fields", () => JSON.stringify([Object.entries(kept), Object.assign({}, kept), Reflect.ownKeys(kept)])],
  ["an error that has it", () => asBanyanError(kept, "here").message],
  ["an error that says it", () => new Error(`no ${String(kept)}`).stack],
])("a secret is not in %s", (...row) => {
  const shown = row[1]();
  expect(shown).toEqual(expect.any(String));
  expect(shown).not.toContain(CANARY);
});

test("it says that it is a secret", () => {
  expect(JSON.stringify({ kept })).toBe('{"kept":"[secret]"}');
  expect(`${kept as unknown as string}`).toBe("[secret]");
});

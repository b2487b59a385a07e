import { expect, test } from "vitest";
import { Fuzz, type Input } from "./fuzz.ts";
import { Ground } from "./ground.ts";
import { wrongWith } from "./oracle.ts";

test("inputs that nobody should send crash nothing and are refused by a code", { timeout: 60_000 }, async () => {
  await using ground = await Ground.opened();
  const { findings, byKind } = await (await Fuzz.on(ground, 1)).run(1_000);
  expect(findings).toEqual([]);
  expect(Object.keys(byKind).sort()).toEqual(["bytes", "command", "request", "socket"]);
});

test("what is wrong is found: a rejection, and what is slow in each of three repetitions", async () => {
  await using ground = await Ground.opened();
  const fuzz = await Fuzz.on(ground, 1);
  const burn = async (): Promise<undefined> => {
    const end = process.cpuUsage().user + 150_000;
    while (process.cpuUsage().user < end);
  };
  const bad: Input[] = [
    { kind: "request", shown: "slow", give: burn },
    { kind: "request", shown: "broken", give: () => Promise.reject(new Error("broken")) },
  ];
  for (const input of bad) await fuzz.give([input]);
  const { findings } = await fuzz.run(32);
  expect(findings.map(({ shown }) => shown)).toEqual(expect.arrayContaining(["slow", "broken"]));
});

test.each([
  [500, "application/problem+json", '{"code":"internal"}'],
  [400, null, ""],
  [400, "application/problem+json", '{"code":"made-up"}'],
  [200, "application/json", '{"results":[{"status":500,"error":{"code":"internal"}}]}'],
])("an answer %s as %s with %s is found", (status, type, text) => {
  expect(wrongWith({ status, type, text }, false)).toBeDefined();
});

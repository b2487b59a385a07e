import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as later } from "node:timers/promises";
import { anyone, app, command, context, tables, type App } from "@banyan/core";
import { NO_FAULTS, simulate } from "@banyan/testing";
import { expect, test } from "vitest";
import { z } from "zod";

const Ask = command("one.ask", { input: z.object({}) });

/** An application whose body does this before it writes. */
function that(leaks: () => unknown): App {
  const one = context("one", { contract: { Ask }, tx: tables() });
  one.handle(Ask, { allow: anyone() }, async (_input, { tx }) => {
    await leaks();
    await tx.table("asked").set("1", 1);
  });
  return app({ contexts: [one] });
}

const run = (leaks: () => unknown): Promise<unknown> =>
  simulate(that(leaks), {
    seeds: 1,
    faults: NO_FAULTS,
    workload: [async (client) => void (await client.command(Ask, {}))],
  });

const LEAKS: Readonly<Record<string, () => unknown>> = {
  "Date.now": () => Date.now(),
  "new Date()": () => new Date(),
  "Math.random": () => Math.random(),
  setTimeout: () => new Promise((done) => setTimeout(done, 1)),
  fetch: () => fetch("http://127.0.0.1:1/"),
  "crypto.randomUUID": () => crypto.randomUUID(),
  "node:crypto randomUUID": () => randomUUID(),
  "performance.now": () => performance.now(),
  "node:timers/promises setTimeout": () => later(1),
  "node:fs/promises readFile": () => readFile("package.json"),
};

test.each(Object.entries(LEAKS))("%s in a body fails the simulation, which names the call", async (name, leak) => {
  await expect(run(leak)).rejects.toMatchObject({
    code: "simulation-failed",
    message: expect.stringContaining(`determinism: ${name} was called`),
  });
});

test("a body that catches the error of a leak is found as well", async () => {
  await expect(run(() => fetch("http://127.0.0.1:1/").catch(() => {}))).rejects.toThrow("fetch was called");
  const quiet = (): void => {
    try {
      Date.now();
    } catch {
      // as if nothing had been
    }
  };
  await expect(run(quiet)).rejects.toThrow("Date.now was called");
});

test("without a leak the same application passes", async () => {
  expect(await run(() => new Date(0))).toMatchObject({ seeds: 1 });
});

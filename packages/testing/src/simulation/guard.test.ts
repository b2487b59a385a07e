import { randomUUID } from "node:crypto";
import { readFile } from "node:fs";
import { stat } from "node:fs/promises";
import { connect } from "node:net";
import { setTimeout as later } from "node:timers/promises";
import { gzip } from "node:zlib";
import { expect, test } from "vitest";
import { guarded } from "./guard.ts";

const LEAKS: Readonly<Record<string, () => unknown>> = {
  "Date.now": () => Date.now(),
  "new Date()": () => new Date(),
  "Math.random": () => Math.random(),
  "performance.now": () => performance.now(),
  "crypto.randomUUID": () => crypto.randomUUID(),
  setTimeout: () => setTimeout(() => {}, 1),
  setImmediate: () => setImmediate(() => {}),
  "node:crypto randomUUID": () => randomUUID(),
  "node:timers/promises setTimeout": () => later(1),
  fetch: () => fetch("http://127.0.0.1:1").catch(() => {}),
  "crypto.subtle.digest": () => crypto.subtle.digest("SHA-256", new Uint8Array()),
  "AbortSignal.timeout": () => AbortSignal.timeout(1),
  "process.hrtime": () => process.hrtime(),
  "process.hrtime.bigint": () => process.hrtime.bigint(),
  "node:fs/promises stat": () => stat("."),
  "node:fs readFile": () => readFile("package.json", () => {}),
  "node:zlib gzip": () => gzip("a", () => {}),
  "node:net connect": () => connect(1, "127.0.0.1").on("error", () => {}),
};

test.each(Object.entries(LEAKS))("%s throws in a simulation, and is told of by name", async (name, leak) => {
  const told: string[] = [];
  await guarded(
    (what) => told.push(what),
    async () => {
      await Promise.resolve();
      expect(leak).toThrow(name);
    },
  );
  expect(told).toEqual([name]);
  expect(leak).not.toThrow();
});

test("what runs beside a simulation is left alone, and dates of a given time are harmless", async () => {
  const told: string[] = [];
  const outside = Promise.withResolvers<void>();
  const beside = outside.promise.then(() => Date.now());
  await guarded(
    (what) => told.push(what),
    async () => {
      outside.resolve();
      await expect(beside).resolves.toBeGreaterThan(0);
      expect(new Date(0).toISOString()).toBe("1970-01-01T00:00:00.000Z");
      expect(new Date(0)).toBeInstanceOf(Date);
    },
  );
  expect(told).toEqual([]);
});

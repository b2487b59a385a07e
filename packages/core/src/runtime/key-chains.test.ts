import { expect, test } from "vitest";
import { deferred } from "./deferred.ts";
import { KeyChains } from "./key-chains.ts";

test("tasks of one key follow each other, tasks of another do not wait", async () => {
  const chains = new KeyChains();
  const log: string[] = [];
  const first = deferred<void>();
  chains.push("a", async () => {
    log.push("a1 begins");
    await first.promise;
    log.push("a1 ends");
  });
  chains.push("a", async () => void log.push("a2"));
  chains.push("b", async () => void log.push("b1"));
  expect(chains.size).toBe(2);
  await Promise.resolve();
  expect(log).toEqual(["a1 begins", "b1"]);
  first.resolve();
  await chains.idle();
  expect(log).toEqual(["a1 begins", "b1", "a1 ends", "a2"]);
  expect(chains.size).toBe(0);
});

test("idle waits for what is pushed meanwhile", async () => {
  const chains = new KeyChains();
  const log: string[] = [];
  const later = async (): Promise<void> => void log.push("later");
  chains.push("a", async () => {
    await Promise.resolve();
    chains.push("b", later);
  });
  await chains.idle();
  expect(log).toEqual(["later"]);
});

test("a key is forgotten when its last task has ended, and may come again", async () => {
  const chains = new KeyChains();
  const log: number[] = [];
  for (const i of [1, 2, 3]) {
    chains.push("a", async () => void log.push(i));
    await chains.idle();
    expect(chains.size).toBe(0);
  }
  expect(log).toEqual([1, 2, 3]);
});

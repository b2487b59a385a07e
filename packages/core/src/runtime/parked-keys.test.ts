import { expect, test } from "vitest";
import { ParkedKeys, type Parked } from "./parked-keys.ts";

function parked(key: string, position: number, state: Parked["state"] = "waiting"): Parked {
  return { key, position, state, slot: 0, attempts: 0, due: 0, failedAt: 0, bytes: 10 };
}

test("the first entry of a key is its head, whatever the order they come in", () => {
  const keys = new ParkedKeys([parked("a", 7), parked("a", 3, "retrying"), parked("b", 5, "dead")]);
  expect([keys.rows, keys.bytes, keys.dead]).toEqual([3, 30, 1]);
  expect(keys.head("a")?.position).toBe(3);
  expect(keys.next("a")?.position).toBe(7);
  expect(new Set(keys.heads.map((head) => head.position))).toEqual(new Set([3, 5]));
  expect(keys.head("c")).toBeUndefined();
});

test("entries move up in order, and a key with none is live again", () => {
  const keys = new ParkedKeys([parked("a", 1, "retrying")]);
  keys.add(parked("a", 2));
  keys.add(parked("a", 4));
  keys.removeHead("a");
  expect(keys.head("a")?.position).toBe(2);
  keys.replaceHead(parked("a", 2, "dead"));
  expect([keys.head("a")?.state, keys.dead, keys.rows]).toEqual(["dead", 1, 2]);
  keys.removeHead("a");
  keys.removeHead("a");
  expect([keys.head("a"), keys.next("a"), keys.rows, keys.dead]).toEqual([undefined, undefined, 0, 0]);
  keys.removeHead("a");
  expect([keys.rows, keys.bytes]).toEqual([0, 0]);
});

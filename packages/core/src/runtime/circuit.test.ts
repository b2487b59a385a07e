import { describe, expect, test } from "vitest";
import { asBanyanError, BanyanError, refuse } from "../error/index.ts";
import { Circuit } from "./circuit.ts";

const down = (): BanyanError => asBanyanError(Object.assign(new Error("no"), { code: "ECONNREFUSED" }), "a body");
const bug = (): BanyanError => asBanyanError(new TypeError("x is not a function"), "a body");
const circuit = (): Circuit => new Circuit({ circuitKeys: 3, circuitWindowMs: 1_000 });

describe("a circuit", () => {
  test("opens when so many keys fail for one reason, and says which", () => {
    const it = circuit();
    expect([it.failed(down(), "a", 0), it.failed(down(), "b", 1), it.open]).toEqual([false, false, undefined]);
    expect([it.failed(down(), "c", 2), it.open]).toEqual([true, "handler-failed ECONNREFUSED"]);
    expect(it.failed(down(), "d", 3)).toBe(false);
  });

  test("is not opened by one key, however often it fails", () => {
    const it = circuit();
    for (let i = 0; i < 100; i++) expect(it.failed(down(), "a", i)).toBe(false);
  });

  test("is not opened by different reasons", () => {
    const it = circuit();
    expect([down(), down(), bug(), bug()].map((error, i) => it.failed(error, `k${i}`, i))).not.toContain(true);
  });

  test("is not opened by poison among entries that go through", () => {
    const it = circuit();
    for (let i = 0; i < 100; i++) {
      expect(it.failed(down(), `k${i}`, i)).toBe(false);
      it.succeeded();
    }
  });

  test("forgets failures that are older than its window", () => {
    const it = circuit();
    it.failed(down(), "a", 0);
    it.failed(down(), "b", 900);
    expect(it.failed(down(), "c", 1_001)).toBe(false);
    expect(it.failed(down(), "d", 1_002)).toBe(true);
  });

  test("takes no notice of what is refused for good or cannot be read", () => {
    const it = circuit();
    const errors = [
      refuse("suspicious", "no"),
      new BanyanError("event-unknown", "no"),
      new BanyanError("event-undecodable", "no"),
    ];
    errors.forEach((error, i) => expect(it.failed(error, `k${i}`, i)).toBe(false));
  });

  test("on trial is open again by one failure, whatever its reason, and not by what does not count", () => {
    const it = circuit();
    it.tryNext();
    expect(it.onTrial).toBe(false);
    for (const key of ["a", "b", "c"]) it.failed(down(), key, 0);
    it.tryNext();
    expect([it.onTrial, it.failed(refuse("suspicious", "no"), "d", 1), it.onTrial]).toEqual([true, false, true]);
    expect([it.failed(bug(), "e", 2), it.onTrial, it.open]).toEqual([true, false, "handler-failed TypeError"]);
    it.tryNext();
    it.close();
    expect([it.onTrial, it.open]).toEqual([false, undefined]);
  });

  test("begins anew when it is closed", () => {
    const it = circuit();
    for (const key of ["a", "b", "c"]) it.failed(down(), key, 0);
    it.close();
    expect([it.open, it.failed(down(), "a", 1)]).toEqual([undefined, false]);
  });
});

import { anyone, app, command, context, event, type App, type Entry } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { shape } from "../../reference/shape.ts";
import type { Acknowledged } from "../history.ts";
import type { EffectRow } from "../instrument.ts";
import { judge } from "./judge.ts";
import { judgeParked } from "./parked.ts";
import type { Remains } from "./remains.ts";

const Happened = event("source.happened", { version: 1, key: "id", data: shape({ id: "string" }) });
const Make = command("source.make", { input: shape({}) });

function sourceAndReader(): App {
  const source = context("source", { contract: { Happened, Make } });
  source.handle(Make, { allow: anyone() }, () => {});
  const reader = context("reader", { contract: {}, rename: { look: "read" } });
  reader.on(Happened, { name: "read", from: "start" }, () => {});
  return app({ contexts: [source, reader] });
}

const entry = (position: number, key: string): Entry =>
  ({ id: `e${position}`, type: Happened.name, key, source: "source", position, causation: `c${position}` }) as Entry;

const row = (n: number, of: Partial<EffectRow>): EffectRow => {
  return {
    n,
    kind: "command",
    name: Make.name,
    cause: "",
    principal: "p",
    key: "",
    source: "",
    position: 0,
    emitted: 0,
    ...of,
  };
};
const made = (position: number): EffectRow => row(position, { cause: `c${position}`, emitted: 1 });
const read = (n: number, { position, key }: Entry): EffectRow =>
  row(n, { kind: "subscription", name: "reader.read", cause: `e${position}`, source: "source", position, key });
const told = (...positions: readonly number[]): readonly Acknowledged[] =>
  positions.map((position) => ({ operation: Make.name, commandId: `c${position}`, key: `k${position}` }));

const [first, second] = [entry(1, "a"), entry(2, "a")];
/** Two commands, their two events, and each read once, in order. */
const sound: Remains = {
  logs: new Map([
    ["source", [first, second]],
    ["reader", []],
  ]),
  trimmed: [],
  scheduled: [],
  effects: [made(1), made(2), read(3, first), read(4, second)],
  parked: [],
  audits: [],
};

function broken(changes: Partial<Remains>, acknowledged = told(1, 2)): readonly string[] {
  const seen = { acknowledged, kept: [], entered: [], due: [], trimmedTo: new Map(), mayDie: () => true };
  return judge(sourceAndReader(), { ...sound, ...changes }, seen).map(({ law }) => law);
}

describe("the laws", () => {
  test("find nothing where nothing is wrong", () => {
    expect(broken({})).toEqual([]);
  });

  test("an acknowledged command must be there", () => {
    expect(broken({}, told(1, 2, 3))).toEqual(["acknowledged"]);
  });

  test("a command that nobody was told of was executed a second time, unless a context asked for it", () => {
    expect(broken({}, told(1))).toEqual(["effect-once"]);
    expect(
      broken({ effects: [{ ...made(1), principal: "context:other" }, ...sound.effects.slice(1)] }, told(2)),
    ).toEqual([]);
  });

  test("a command takes effect once", () => {
    expect(broken({ effects: [...sound.effects, { ...made(1), n: 9, emitted: 0 }] })).toEqual(["effect-once"]);
  });

  test("an entry has one effect in each subscription: not none, not two", () => {
    expect(broken({ effects: sound.effects.slice(0, 3) })).toEqual(["acknowledged"]);
    expect(broken({ effects: [...sound.effects, read(9, second)] })).toEqual(["effect-once"]);
  });

  test("an entry that is parked has none", () => {
    const row = { subscription: "reader.read", source: "source", position: 2, state: "dead" };
    const parked = [row as Remains["parked"][number]];
    expect(broken({ parked })).toEqual(["effect-once"]);
    expect(broken({ parked, effects: sound.effects.slice(0, 3) })).toEqual([]);
  });

  test("an entry that was skipped has none, and no other goes without", () => {
    const skip = (position: number) =>
      ({ action: "skip", subject: { subscription: "reader.read", position } }) as never;
    expect(broken({ audits: [skip(2)] })).toEqual(["effect-once"]);
    expect(broken({ audits: [skip(2)], effects: sound.effects.slice(0, 3) })).toEqual([]);
    expect(broken({ audits: [skip(1)], effects: sound.effects.slice(0, 3) })).toEqual(["effect-once", "acknowledged"]);
  });

  test("a subscription that was cleared has its effects anew, and repeated none before; each clearing was an operator's", () => {
    const clear = row(5, { kind: "clear", name: "reader.read" });
    const replay = { action: "replay", subject: { subscription: "reader.read" } } as never;
    const cleared = [...sound.effects, clear];
    const again = [...cleared, read(6, first), read(7, second)];
    expect(broken({ effects: again, audits: [replay] })).toEqual([]);
    expect(broken({ effects: again })).toEqual(["operator"]);
    expect(broken({ audits: [replay] })).toEqual(["operator"]);
    expect(broken({ effects: cleared, audits: [replay] })).toEqual(["acknowledged", "acknowledged"]);
    expect(broken({ effects: [...again, read(8, second)], audits: [replay] })).toEqual(["effect-once"]);
    const repeated = [...again, { ...read(4, first), n: 4.5 }].toSorted((left, right) => left.n - right.n);
    expect(broken({ effects: repeated, audits: [replay] })).toEqual(["effect-once", "key-order"]);
  });

  test("an effect under an earlier name counts", () => {
    const former = sound.effects.map((effect) =>
      effect.name === "reader.read" ? { ...effect, name: "reader.look" } : effect,
    );
    expect(broken({ effects: former })).toEqual([]);
    expect(broken({ effects: [...former, read(9, second)] })).toEqual(["effect-once"]);
  });

  test("an effect needs an entry that is in the log", () => {
    expect(broken({ effects: [...sound.effects, read(9, entry(3, "a"))] })).toEqual(["acknowledged"]);
  });

  test("entries of a key are taken in order", () => {
    expect(broken({ effects: [made(1), made(2), read(3, second), read(4, first)] })).toEqual(["key-order"]);
  });

  test("the log has what committed bodies emitted: not less, not more", () => {
    expect(broken({ effects: [{ ...made(1), emitted: 2 }, ...sound.effects.slice(1)] })).toEqual(["emitted-once"]);
    expect(broken({ effects: [{ ...made(1), emitted: 0 }, ...sound.effects.slice(1)] })).toEqual(["emitted-once"]);
  });
});

describe("what stays parked", () => {
  const parkedRow = (position: number, state: "dead" | "retrying" | "waiting"): Remains["parked"][number] =>
    ({ subscription: "reader.read", source: "source", position, key: "a", state, errors: [] }) as never;
  const parked = (...rows: readonly Remains["parked"][number][]): Remains => ({ ...sound, parked: rows });

  test("is a breach for each key, unless its head is dead and may be", () => {
    const remains = parked(parkedRow(2, "waiting"), parkedRow(1, "dead"));
    expect(judgeParked(remains)).toHaveLength(1);
    expect(judgeParked(remains, ({ position }) => position === 1)).toEqual([]);
    expect(judgeParked(remains, ({ position }) => position === 2)).toHaveLength(1);
  });

  test("is a breach when it only waits to be tried again", () => {
    expect(judgeParked(parked(parkedRow(1, "retrying")), () => true)).toHaveLength(1);
  });
});

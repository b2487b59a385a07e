import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { event, type EventContract, type Upcasts } from "./event.ts";
import { readEvent } from "./read-event.ts";
import { chainFaults } from "./upcast.ts";

type Data = Record<string, unknown>;

/** What a version may do to the one before: each knows its own field only by the name the version before left it. */
type Change = { readonly kind: "add" | "rename" | "scale"; readonly by: number };

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("add" as const, "rename" as const, "scale" as const),
  by: fc.integer({ min: 2, max: 9 }),
});

/** A link that leaves its trace, so that two in the wrong order give something else. */
function link({ kind, by }: Change, from: number): (old: Data) => Data {
  if (kind === "add") return (old) => ({ ...old, [`added${from}`]: (old["n"] as number) + by });
  if (kind === "scale") return (old) => ({ ...old, n: (old["n"] as number) * by + from });
  return ({ last, ...old }) => ({ ...old, last: `v${from}`, [`was${from}`]: last ?? "none" });
}

const start: fc.Arbitrary<Data> = fc.record({ id: fc.string(), n: fc.integer({ min: -1_000, max: 1_000 }) });

function contractOf(version: number, upcast: Upcasts): EventContract {
  const data = z.looseObject({ id: z.string(), n: z.number() });
  return event("orders.counted", { version, key: "id", data, upcast });
}

const links = (changes: readonly Change[]): [number, (old: Data) => Data][] =>
  changes.map((one, i) => [i + 1, link(one, i + 1)]);

const chain = fc.array(change, { minLength: 1, maxLength: 5 });

describe("whatever the chain", () => {
  test("data of any version is read as all links from there would make it, one after the other", () => {
    fc.assert(
      fc.property(chain, start, fc.nat(), (changes, data, dice) => {
        const version = changes.length + 1;
        const from = 1 + (dice % version);
        const expected = links(changes)
          .slice(from - 1)
          .reduce((current, [, next]) => next(current), data);
        const contract = contractOf(version, Object.fromEntries(links(changes)));
        expect(readEvent(contract, from, { ...data })).toEqual({ ok: true, data: expected });
      }),
    );
  });

  test("code of any later version reads it, through the links it has", () => {
    fc.assert(
      fc.property(chain, start, fc.tuple(fc.nat(), fc.nat()), (changes, data, [diceFrom, diceTo]) => {
        const version = 1 + (diceTo % (changes.length + 1));
        const from = 1 + (diceFrom % version);
        const known = links(changes).slice(0, version - 1);
        const expected = known.slice(from - 1).reduce((current, [, next]) => next(current), data);
        expect(readEvent(contractOf(version, Object.fromEntries(known)), from, data)).toEqual({
          ok: true,
          data: expected,
        });
      }),
    );
  });

  test("the order in which links are declared means nothing", () => {
    const shuffled = chain.chain((changes) =>
      fc.tuple(fc.constant(changes), fc.shuffledSubarray(links(changes), { minLength: changes.length })),
    );
    fc.assert(
      fc.property(shuffled, start, ([changes, mixed], data) => {
        const version = changes.length + 1;
        const upcast = Object.defineProperties(
          {},
          Object.fromEntries(mixed.map(([n, value]) => [n, { value, enumerable: true }])),
        );
        expect(readEvent(contractOf(version, upcast), 1, data)).toEqual(
          readEvent(contractOf(version, Object.fromEntries(links(changes))), 1, data),
        );
      }),
    );
  });

  test("without one of its links, what needs it is not read and what does not is", () => {
    fc.assert(
      fc.property(chain, start, fc.nat(), (changes, data, dice) => {
        const version = changes.length + 1;
        const absent = 1 + (dice % changes.length);
        const contract = contractOf(version, Object.fromEntries(links(changes).filter(([n]) => n !== absent)));
        for (let from = 1; from <= version; from++) {
          const read = readEvent(contract, from, data);
          const told = read.ok ? "read" : read.why;
          expect(told).toContain(from > absent ? "read" : `has no upcast from version ${absent}`);
        }
        // A gap is found at start; a chain that only begins later is none.
        expect(chainFaults(contract).length).toBe(absent === 1 ? 0 : 1);
      }),
    );
  });
});

describe("a link that cannot be used", () => {
  const failing = (upcast: Upcasts): unknown => readEvent(contractOf(2, upcast), 1, { id: "SECRET", n: 1 });

  test("because it throws, whatever it throws", () => {
    const thrown = [(old: Data) => new Error(String(old["id"])), (old: Data) => old["id"], () => undefined];
    for (const what of thrown) {
      const link = (old: Data): never => {
        throw what(old);
      };
      expect(failing({ 1: link })).toEqual({ ok: false, why: "its upcast from version 1 threw" });
    }
  });

  test("because it is asynchronous, and its failure is nobody's", async () => {
    const refused = { ok: false, why: "its upcast from version 1 is asynchronous" };
    expect(failing({ 1: async (old) => old })).toEqual(refused);
    expect(failing({ 1: () => Promise.reject(new Error("nobody waits for this")) })).toEqual(refused);
    await new Promise((resolve) => void setImmediate(resolve));
  });

  test("because it gives what the schema refuses, said without the values", () => {
    const data = z.object({
      id: z.string(),
      kind: z.string().refine(() => false, { error: ({ input }) => String(input) }),
    });
    const Bad = event("orders.bad", {
      version: 2,
      key: "id",
      data,
      upcast: { 1: (old) => ({ ...old, kind: old.id }) },
    });
    expect(readEvent(Bad, 1, { id: "SECRET" })).toEqual({ ok: false, why: "kind: is not as its schema says" });
    expect(readEvent(Bad, 2, { id: "1", kind: "told" })).toEqual({ ok: false, why: "kind: told" });
  });
});

test("names that objects inherit are no links", () => {
  const inherited = Object.create({ 1: (old: Data) => old }) as Upcasts;
  expect(readEvent(contractOf(2, inherited), 1, { id: "1", n: 1 }).ok).toBe(false);
});

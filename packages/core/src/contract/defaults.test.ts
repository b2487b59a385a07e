import { expect, test } from "vitest";
import { z } from "zod";
import { event, type EventContract } from "./event.ts";
import { readEvent } from "./read-event.ts";

const n = z.number().default(7);
const inner = z.object({ n });
const data = z.object({
  id: z.string(),
  email: z.string(),
  plain: inner.optional(),
  nullable: inner.nullable().optional(),
  list: z.array(inner).optional(),
  record: z.record(z.string(), inner).optional(),
  tuple: z.tuple([z.string(), n]).optional(),
  both: inner.and(z.object({ m: z.number().default(8) })).optional(),
  lazy: z.lazy(() => inner).optional(),
  either: z.union([z.object({ t: z.literal("x"), n }), z.object({ t: z.literal("y") })]).optional(),
  which: z.discriminatedUnion("t", [z.object({ t: z.literal("x"), n }), z.object({ t: z.literal("y") })]).optional(),
  free: z.union([inner.loose(), z.object({ q: z.string() }).loose()]).optional(),
  simple: z.union([z.object({ t: z.literal("x") }), z.object({ u: z.literal("y") })]).optional(),
});
const Written: EventContract = event("orders.written", {
  version: 1,
  key: "id",
  personal: { subject: "id", fields: ["email"] },
  data,
});
const read = (email: unknown, more: object): ReturnType<typeof readEvent> =>
  readEvent(Written, 1, { id: "1", email, ...structuredClone(more) });

test.each([
  { plain: {} },
  { nullable: {} },
  { nullable: null },
  { list: [{}, { n: 1 }] },
  { record: { a: {}, b: { n: 1 } } },
  { tuple: ["a"] },
  { tuple: ["a", 1] },
  { both: {} },
  { lazy: {} },
  { simple: { u: "y" } },
  { either: { t: "x" } },
  { either: { t: "x", n: 1 } },
  { either: { t: "y" } },
  { which: { t: "x" } },
  { which: { t: "y" } },
])("beside an erased field %j has the defaults it has without one", (more) => {
  const without = read("ann@example.org", more);
  const erased = { erased: true };
  expect(without).toMatchObject({ ok: true });
  expect(read(erased, more)).toEqual({ ok: true, data: { ...(without as { data: object }).data, email: erased } });
});

test.each([{ both: { m: 1, n: 2 } }, { free: { n: 1 } }, { free: { q: "q", n: 1 } }])(
  "beside an erased field %j is as it was written",
  (more) => {
    expect(read({ erased: true }, more)).toMatchObject({ ok: true, data: more });
  },
);

test("an alternative is not guessed where more than one may be meant, with other defaults", () => {
  expect(read("ann@example.org", { free: { q: "q" } })).toMatchObject({ ok: true });
  expect(read({ erased: true }, { free: { q: "q" } })).toEqual({
    ok: false,
    why: "free: missing, and not to be added while a field is erased",
  });
});

test("what is erased is left as it is, whatever its schema", () => {
  const fields = ["name", "home", "work"] as const;
  const homes = z.object({ street: z.string(), n }).nullable();
  const Moved = event("orders.moved", {
    version: 1,
    key: "id",
    personal: { subject: "id", fields },
    data: z.object({ id: z.string(), name: z.string().nullable(), home: homes, work: homes.unwrap(), n }),
  });
  const erased = Object.fromEntries(fields.map((field) => [field, { erased: true }]));
  expect(readEvent(Moved, 1, { id: "1", ...erased })).toEqual({ ok: true, data: { id: "1", ...erased, n: 7 } });
});

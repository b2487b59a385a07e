import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type Store } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, tables, type Context } from "../context/index.ts";
import { command, event, isErased } from "../contract/index.ts";
import { over } from "./over.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Joined = event("people.joined", {
  version: 1,
  key: "id",
  personal: { subject: "id", fields: ["email", "homes.street"] },
  data: z.object({
    id: z.string(),
    email: z.email(),
    homes: z.array(z.object({ street: z.string(), city: z.string() })),
  }),
});
const Join = command("people.join", { input: z.object({ id: z.string() }) });

function application(): ReturnType<typeof app> {
  const people = context("people", { contract: { Joined, Join }, tx: tables() });
  people.handle(Join, { allow: anyone() }, ({ id }, { emit }) => {
    emit(Joined, { id, email: `${id}@example.org`, homes: [{ street: "Elm Street", city: "Ulm" }] });
  });
  const letters = context("letters", { contract: {}, tx: tables() });
  letters.on(
    Joined,
    { name: "write", from: "start", before: ({ data }) => (isErased(data.email) ? "nobody" : data.email) },
    async ({ data: { id, homes } }, { tx, before }) => {
      const to = homes.map(({ street, city }) => (isErased(street) ? city : `${street}, ${city}`));
      await tx.table("letters").set(id, [before, ...to]);
    },
  );
  return app({ contexts: [people as Context, letters as Context] });
}

/** A store in which the entries of one key have been rewritten, as one that erases a person would. */
function rewriting(store: Store, key: string, rewrite: (body: string) => string): Store {
  const begin: Store["begin"] = async () => {
    const transaction = await store.begin();
    const append: typeof transaction.append = (source, entries) =>
      transaction.append(
        source,
        entries.map((entry) => (entry.key === key ? { ...entry, body: rewrite(entry.body) } : entry)),
      );
    return over(transaction, { append });
  };
  return over(store, { begin });
}

async function letters(rewrite: (body: string) => string): Promise<[RuntimeWorld, Record<string, unknown>]> {
  const store = rewriting(memory(memoryDisk()), "gone", rewrite);
  const it = await RuntimeWorld.started(application(), { store, hand: new ByHand(drained) });
  await it.reply("people.join", { id: "gone" });
  await it.reply("people.join", { id: "here" });
  return [it, await it.rows("letters", "letters")];
}

test("what was erased reaches the handler as erased, and everything else as it was", async () => {
  const mark = '{"erased":true}';
  const [it, written] = await letters((body) => body.replace('"gone@example.org"', mark).replace('"Elm Street"', mark));
  expect(written).toEqual({ gone: ["nobody", "Ulm"], here: ["here@example.org", "Elm Street, Ulm"] });
  expect(it.runtime.status).toMatchObject({ parked: 0, lag: 0 });
});

test("the mark excuses personal fields only: elsewhere the entry is parked as unknown", async () => {
  const [it, written] = await letters((body) => body.replace('"Ulm"', '{"erased":true}'));
  expect(Object.keys(written)).toEqual(["here"]);
  expect(it.fates("letters.write")).toEqual(["1 unknown", "2 settled"]);
  const [parked] = it.hand.said("entry.parked");
  expect(parked?.message).toContain("homes.0.city");
  expect(parked?.message).not.toContain("gone@example.org");
});

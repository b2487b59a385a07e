import { readFileSync } from "node:fs";
import { anyone, app, command, context, isBanyanError, needs, query, tables, type App } from "@banyan/core";
import { simulate, type Client, type SimulateOptions, type World } from "@banyan/testing";
import { expect, test } from "vitest";
import { z } from "zod";

const Reserve = command("stock.reserve", { input: z.object({ customer: z.string() }) });
const Left = query("stock.left", { input: z.object({}), output: z.object({ left: z.int() }) });

const SEATS = 1_000;

interface Credit {
  check(customer: string): Promise<void>;
}

function stockOf() {
  const stock = context("stock", {
    contract: { Reserve, Left },
    tx: tables(),
    ports: needs<{ credit: Credit }>("credit"),
  });
  stock.answer(Left, { allow: anyone() }, async (_input, { read }) => {
    return { left: (await read.table<number>("seats").get("left")) ?? SEATS };
  });
  return stock;
}

/** The bureau takes its time: on the clock of the run. */
function withCredit(stock: ReturnType<typeof stockOf>, { clock, random }: World): App {
  const check: Credit["check"] = () => new Promise((done) => clock.after(random.u32() % 50, done));
  return app({ contexts: [stock], ports: () => ({ stock: { credit: { check } } }) });
}

// #region mistaken
/** Reads, asks somebody outside, and writes what it has read less one. */
function mistaken(world: World): App {
  const stock = stockOf();
  stock.handle(
    Reserve,
    {
      allow: anyone(),
      before: async ({ customer }, { read, ports }) => {
        const left = (await read.table<number>("seats").get("left")) ?? SEATS;
        await ports.credit.check(customer);
        return left - 1;
      },
    },
    async (_input, { tx, before: left }) => tx.table<number>("seats").set("left", left),
  );
  return withCredit(stock, world);
}
// #endregion

// #region mended
/** Asks outside before, and reads where it writes. */
function mended(world: World): App {
  const stock = stockOf();
  stock.handle(
    Reserve,
    { allow: anyone(), before: ({ customer }, { ports }) => ports.credit.check(customer) },
    async (_input, { tx }) => {
      const seats = tx.table<number>("seats");
      await seats.set("left", ((await seats.get("left")) ?? SEATS) - 1);
    },
  );
  return withCredit(stock, world);
}
// #endregion

// #region workload
const EACH = 10;

async function customer(client: Client): Promise<void> {
  for (let n = 0; n < EACH; n++) await client.command(Reserve, { customer: client.name });
}

const reserved: SimulateOptions = {
  seeds: 20,
  workload: [customer, customer, customer],
  invariants: async ({ client, history }) => {
    const sold = new Set(
      history.filter(({ event, operation }) => event === "ok" && operation === Reserve.name).map(({ key }) => key),
    );
    const answer = await client.query(Left, {});
    return answer.ok && answer.value.left + sold.size === SEATS
      ? []
      : ["what is sold and what is left are not what there was"];
  },
};
// #endregion

test("the lost update is found, and what is printed is what the how-to shows", async () => {
  const failure: unknown = await simulate(mistaken, reserved).catch((error: unknown) => error);
  if (!isBanyanError(failure)) throw new Error("The mistake was not found.");
  expect(`${failure.code}: ${failure.message}`).toBe(
    readFileSync(new URL("lost-update.txt", import.meta.url), "utf8").trimEnd(),
  );
});

// #region kept
test("seed 1 found that two reservations took one seat", async () => {
  expect(await simulate(mended, { ...reserved, from: 1, seeds: 1 })).toMatchObject({ seeds: 1 });
});
// #endregion

test("the seed that is kept fails as long as the mistake is there, and no seed does without it", async () => {
  const kept = simulate(mistaken, { ...reserved, from: 1, seeds: 1 });
  await expect(kept).rejects.toMatchObject({ code: "simulation-failed" });
  expect(await simulate(mended, reserved)).toMatchObject({ seeds: 20 });
});

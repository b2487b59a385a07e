import { event, memory } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { bank } from "../reference/bank.ts";
import {
  AccountTotals,
  Balance,
  Booked,
  GiveBonus,
  LedgerTotals,
  MoneySent,
  OpenAccount,
  Transfer,
} from "../reference/contracts.ts";
import { NotaryOffice } from "../reference/notary.ts";
import { scenario } from "./scenario.ts";
import type { ScenarioTest } from "./scenario-test.ts";

function opened(seed = 1): Promise<ScenarioTest> {
  const notary = new NotaryOffice();
  const { contexts, ...app } = bank("tables", { notary: () => notary.desk(), suspiciousAbove: 390 });
  // Those that follow come first: the order of contexts must not matter.
  return scenario({ ...app, contexts: contexts.toReversed() }, { store: () => memory(), seed });
}

/** Accounts `a` and `b` with 1,000 cents each. */
async function withAccounts(seed?: number): Promise<ScenarioTest> {
  const bank = await opened(seed);
  for (const accountId of ["a", "b"]) await bank.when(OpenAccount, { accountId, cents: 1_000 });
  return bank;
}

test("a command, and all that follows from it over several contexts, is done when `when` returns", async () => {
  const bank = await withAccounts();
  const began = bank.now;
  const { value, answer, commandId } = await bank.when(Transfer, {
    transferId: "t1",
    source: "a",
    target: "b",
    cents: 100,
  });
  expect({ value, answer }).toEqual({ value: { transferId: "t1", left: 900 }, answer: "ok" });
  expect(bank.expectEvent(MoneySent, { transferId: "t1" }).causation).toBe(commandId);
  expect(bank.expectEvent(Booked, { line: 1 }).data.stamp).toBe("stamp-1");
  // The receiver has the money and a bonus from the context that follows the ledger.
  expect(await bank.ask(Balance, { accountId: "b" })).toEqual({ cents: 1_101 });
  expect(bank.now).toBe(began);
  await bank.stop();
});

test("time passes when told, and retries come due in it", async () => {
  const bank = await withAccounts();
  // Transfers whose name ends in a digit that three divides fail once or twice before they are booked.
  await bank.when(Transfer, { transferId: "t3", source: "a", target: "b", cents: 100 });
  bank.expectNoEvent(Booked);
  const [parked] = bank.parked();
  expect(parked).toMatchObject({
    subscription: "ledger.book",
    event: "accounts.money-sent",
    key: "b",
    state: "retrying",
  });
  const began = bank.now;
  await bank.advance("3d");
  expect(bank.now - began).toBe(3 * 86_400_000);
  bank.expectEvent(Booked, { transferId: "t3" }, { within: "1s" });
  bank.expectNothingParked();
  // What is within a time counts from the latest step.
  await bank.when(Transfer, { transferId: "t4", source: "a", target: "b", cents: 100 });
  bank.expectEvent(Booked, { transferId: "t4" }, { within: "1ms" });
  await bank.stop();
});

test("time stands still however much is done", async () => {
  const bank = await withAccounts();
  const began = bank.now;
  for (let i = 0; i < 60; i++) {
    await bank.when(Transfer, { transferId: `t${i}-1`, source: "a", target: "b", cents: 1 });
  }
  expect(bank.events(Booked).map(({ at }) => at - began)).toEqual(Array(60).fill(0));
  await bank.stop();
});

test("what was emitted is listed in the order in which it was emitted, over all contexts", async () => {
  const bank = await withAccounts();
  for (const transferId of ["t1", "t2"]) await bank.when(Transfer, { transferId, source: "a", target: "b", cents: 1 });
  const Absent = event("accounts.absent", { version: 1, key: "id", data: z.object({ id: z.string() }) });
  expect(() => bank.expectEvent(Absent)).toThrow(
    /money-sent { transferId: 't1'.*\n.*booked {.* transferId: 't1'.*\n.*money-sent { transferId: 't2'.*\n.*booked {.* transferId: 't2'/,
  );
  await bank.stop();
});

test("a refusal is thrown, an idempotency key replays, roles are the principal's", async () => {
  const bank = await withAccounts();
  await expect(bank.when(OpenAccount, { accountId: "a", cents: 1 })).rejects.toMatchObject({ code: "account-exists" });
  const transfer = { transferId: "t1", source: "a", target: "b", cents: 100 };
  const first = await bank.when(Transfer, transfer, { idempotencyKey: "k" });
  const again = await bank.when(Transfer, transfer, { idempotencyKey: "k" });
  expect(again).toEqual({ ...first, replayed: true });
  expect(bank.events(MoneySent).map(({ data }) => data.amount)).toEqual([100]);
  const bonus = { accountId: "a", transferId: "t1" };
  await expect(bank.when(GiveBonus, bonus)).rejects.toMatchObject({ code: "not-allowed" });
  const principal = { id: "context:statements", roles: ["context"] };
  expect((await bank.when(GiveBonus, bonus, { principal })).value).toEqual({ given: 1 });
  await bank.stop();
});

test("what is given is delivered as if its owner had emitted it", async () => {
  const bank = await opened();
  await bank.given(MoneySent, { transferId: "t1", source: "x", target: "y", amount: 500 }, { tenant: "acme" });
  expect(bank.parked()).toMatchObject([
    { subscription: "accounts.credit", state: "dead", code: "account-unknown" },
    { subscription: "ledger.screen", state: "dead", code: "suspicious" },
    // The bonus asks for an account that does not exist either.
    { subscription: "statements.reward" },
  ]);
  expect(bank.expectEvent(Booked, { accountId: "y" })).toMatchObject({ tenant: "acme", key: "y", version: 1 });
  expect(await bank.ask(LedgerTotals, {})).toMatchObject({ lines: 1, cents: 500 });
  expect(await bank.ask(AccountTotals, {})).toMatchObject({ transfers: 0 });
  await bank.stop();
});

test("a miss says what was emitted instead, nearest first, and what is parked", async () => {
  const bank = await withAccounts();
  expect(() => bank.expectEvent(Booked)).toThrow('No "ledger.booked" was emitted.\nNothing at all was emitted.');
  await bank.when(Transfer, { transferId: "t1", source: "a", target: "b", cents: 100 });
  await bank.when(Transfer, { transferId: "t3", source: "b", target: "a", cents: 100 });
  const miss = (): unknown => bank.expectEvent(MoneySent, { transferId: "t3", source: "b", amount: 101 });
  expect(miss).toThrow(
    [
      `No "accounts.money-sent" has { transferId: 't3', source: 'b', amount: 101 }.`,
      "Emitted instead, nearest first:",
      "  accounts.money-sent { transferId: 't3', source: 'b', target: 'a', amount: 100 }",
      "    amount: expected 101, got 100",
      "  accounts.money-sent { transferId: 't1', source: 'a', target: 'b', amount: 100 }",
      "    transferId: expected 't3', got 't1'",
      "    source: expected 'b', got 'a'",
      "    amount: expected 101, got 100",
      "  ledger.booked {",
    ].join("\n"),
  );
  expect(miss).toThrow(
    /Parked:\n  ledger.book: accounts.money-sent of key "a" is retrying after 1 try: handler-failed/,
  );
  expect(() => bank.expectNoEvent(MoneySent, { source: "b" })).toThrow(
    `"accounts.money-sent" was emitted, and was not to be:\n  accounts.money-sent { transferId: 't3'`,
  );
  bank.parked();
  await bank.stop();
});

test("the same seed gives the same run, another one another", async () => {
  const run = async (seed: number): Promise<unknown> => {
    const bank = await withAccounts(seed);
    await Promise.all(
      ["t1", "t2", "t3"].map((transferId) => bank.when(Transfer, { transferId, source: "a", target: "b", cents: 1 })),
    );
    await bank.advance("1h");
    await bank.stop();
    return [...bank.events(MoneySent), ...bank.events(Booked)];
  };
  expect(await run(7)).toEqual(await run(7));
  expect(await run(7)).not.toEqual(await run(8));
});

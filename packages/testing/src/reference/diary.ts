import { anyone, backoff, context, needs, type Context, type RawHandle } from "@banyan/core";
import { DiaryTotals, OrderCancelled, OrderDue, OrderPaid, OrderSet } from "./contracts.ts";
import { failuresOf } from "./failures.ts";
import type { Notary } from "./notary.ts";
import { rowMigrations, rows, type Rows } from "./rows.ts";

const LETTERS = {
  "standing.order-set": "s",
  "standing.order-due": "d",
  "standing.order-paid": "p",
  "standing.order-cancelled": "c",
} as const;

/** The story of every standing order, from several events in one order. The earlier code calls the reader by another name, and has one more. */
export function diary(
  kind: RawHandle["kind"],
  isEarlier: boolean,
): Context<"diary", Rows, { readonly notary: Notary }, never> {
  const name = isEarlier ? "track" : "follow";
  const diary = context("diary", {
    contract: { DiaryTotals },
    tx: rows(kind, "diary"),
    migrations: rowMigrations(kind, "diary"),
    ports: needs<{ notary: Notary }>("notary"),
    rename: isEarlier ? { follow: "track" } : { track: "follow" },
    forget: isEarlier ? [] : ["glance"],
  });

  diary.on(
    [OrderSet, OrderDue, OrderPaid, OrderCancelled],
    {
      name,
      from: "start",
      retry: backoff("100ms", "2s", 30),
      before: async ({ id, data: { orderId } }, { attempt, stableKey, ports: { notary } }) => {
        await notary.attest(id, stableKey);
        if (attempt <= failuresOf(orderId)) throw new Error("the pen is dry");
      },
    },
    async ({ type, data: { orderId } }, { tx }) => {
      const { story = "" } = (await tx.get<{ story: string }>("story", orderId)) ?? {};
      await tx.put("story", orderId, { orderId, story: story + LETTERS[type] });
    },
  );

  if (isEarlier)
    diary.on(OrderPaid, { name: "glance", from: "now" }, ({ data: { orderId } }) => {
      if (failuresOf(orderId) > 0) throw new Error("nobody looks");
    });

  diary.answer(DiaryTotals, { allow: anyone() }, async (_input, { read }) => {
    const stories = await read.all<{ story: string }>("story");
    return { stories: JSON.stringify(stories.map(({ story }) => story)) };
  });
  return diary;
}

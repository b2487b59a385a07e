import { expectTypeOf } from "vitest";
import { z } from "zod";
import { command, query } from "../contract/index.ts";
import { app } from "./app.ts";

const Place = command("orders.place", {
  input: z.object({ sku: z.string(), quantity: z.int().default(1) }),
  output: z.object({ orderId: z.string() }),
});
const Touch = command("orders.touch", { input: z.object({}) });
const List = query("orders.list", { input: z.object({}), output: z.object({}) });

app({
  contexts: [],
  seeds: async ({ send }) => {
    // what has a default may be left out, as by whoever asks
    expectTypeOf(await send(Place, { sku: "mug" })).toEqualTypeOf<{ orderId: string }>();
    expectTypeOf(await send(Touch, {})).toEqualTypeOf<void>();
    await send(Place, { sku: "mug" }, { principal: { id: "ann", roles: ["clerk"] }, tenant: "acme" });
    // @ts-expect-error: that is no text
    await send(Place, { sku: 5 });
    // @ts-expect-error: a query changes nothing
    await send(List, {});
  },
});

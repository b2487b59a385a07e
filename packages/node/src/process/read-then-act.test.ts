import { anyone, app, command, context, event, roles } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { sqlite } from "../sqlite/index.ts";
import { mount } from "./mount.ts";

const Placed = event("orders.placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
const Place = command("orders.place", { http: "POST /orders", input: z.object({ orderId: z.string() }) });
const Note = command("orders.note", { input: z.object({ orderId: z.string() }) });

// In memory, readers and the writer take turns on one connection: a view kept open over a commit would wait for itself.
test.each(["call", "once"] as const)(
  "a `before` that has read may %s, though the store lets nobody write while it reads",
  async (how) => {
    const settled = Promise.withResolvers<string>();
    const orders = context("orders", { contract: { Placed, Place, Note } });
    orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
    orders.handle(Note, { allow: roles("context") }, () => {});
    orders.on(
      Placed,
      {
        name: "note",
        from: "start",
        before: async ({ data }, { read, call, once, attempt }) => {
          const first = await read.execute("SELECT 'read' AS word");
          if (how === "call") await call(Note, data);
          else await once("note", { idempotent: true }, () => "noted");
          const { rows } = await read.execute("SELECT 'again' AS word");
          return `${String(first.rows[0]?.["word"])} ${String(rows[0]?.["word"])} at attempt ${attempt}`;
        },
      },
      (_event, tools) => settled.resolve(tools.before),
    );
    const store = sqlite({ memory: true });
    const limits = { beforeLimitMs: 1_000 };
    const options = { mode: "dev", data: "", store, limits, faults: false, env: {}, write: () => {} } as const;
    const running = await mount(app({ contexts: [orders] }), options);
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"orderId":"1"}' };
    expect((await running.fetch(new Request("http://localhost/orders", init))).status).toBe(204);
    expect(await settled.promise).toBe("read again at attempt 1");
    await running.stop();
  },
);

import { anyone, app, backoff, changedOne, command, context, event } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../sqlite/fixture.ts";
import { mount } from "./mount.ts";

const input = z.object({ orderId: z.string() });
const Placed = event("orders.placed", { version: 1, key: "orderId", data: input });
const Place = command("orders.place", { http: "POST /orders", input });
const Touch = command("orders.touch", { http: "POST /touch", input });
const schema = "CREATE TABLE orders_order (id TEXT PRIMARY KEY, version INTEGER NOT NULL, status TEXT NOT NULL)";

test("a version conflict in a subscription is tried again, and decided again on what its `before` reads then", async () => {
  const [reading, touched] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const settled = Promise.withResolvers<object>();
  const migrations = [{ name: "001-order.sql", sql: schema }];
  const orders = context("orders", { contract: { Placed, Place, Touch }, migrations });
  orders.handle(Place, { allow: anyone() }, async ({ orderId }, { tx, emit }) => {
    await tx.execute("INSERT INTO orders_order VALUES (?, 1, 'new')", [orderId]);
    emit(Placed, { orderId });
  });
  orders.handle(Touch, { allow: anyone() }, async ({ orderId }, { tx }) => {
    await tx.execute("UPDATE orders_order SET version = version + 1 WHERE id = ?", [orderId]);
  });
  orders.on(
    Placed,
    {
      name: "confirm",
      from: "start",
      retry: backoff("1ms", "1ms", 3),
      before: async ({ data }, { read, attempt }) => {
        const { rows } = await read.execute("SELECT version FROM orders_order WHERE id = ?", [data.orderId]);
        const version = Number(rows[0]?.["version"]);
        if (attempt === 1) {
          reading.resolve();
          await touched.promise;
        }
        return { attempt, version };
      },
    },
    async ({ data }, { tx, before }) => {
      const { version } = before;
      const update = "UPDATE orders_order SET status = 'confirmed', version = version + 1 WHERE id = ? AND version = ?";
      await changedOne(tx.execute(update, [data.orderId, version]), { what: `order ${data.orderId}`, version });
      settled.resolve(before);
    },
  );
  const lines: string[] = [];
  using folder = temporaryFolder();
  const options = { mode: "dev", data: folder.path, faults: false, env: {} } as const;
  const running = await mount(app({ contexts: [orders] }), { ...options, write: (line) => void lines.push(line) });
  const post = (path: string): Promise<Response> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"orderId":"1"}' };
    return running.fetch(new Request(`http://localhost${path}`, init));
  };
  expect((await post("/orders")).status).toBe(204);
  await reading.promise;
  expect((await post("/touch")).status).toBe(204);
  touched.resolve();
  expect(await settled.promise).toEqual({ attempt: 2, version: 2 });
  await running.stop();
  expect(lines.join("")).toContain("version-conflict");
});

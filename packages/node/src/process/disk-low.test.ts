import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mountsAllowed, otherProcess, outputOf } from "../sqlite/fixture.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-low-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.skipIf(!mountsAllowed())(
  "on a disk that is almost full commands are refused before a write fails, reads answered, what waits is delivered, and room lets them go on (skipped where a user may not mount one)",
  async () => {
    const running = `
    import { rmSync, writeFileSync } from "node:fs";
    import { setTimeout as pause } from "node:timers/promises";
    const { mount } = await import(${JSON.stringify(new URL("./mount.ts", import.meta.url).href)});
    const { context, command, query, app, event, none, anyone } = await import("@banyan/core");
    const { z } = await import("zod");
    const input = z.object({ filling: z.string() });
    const Placed = event("orders.placed", { version: 1, key: none, data: input });
    const Place = command("orders.place", { http: "POST /orders", input });
    const Count = query("orders.count", { http: "GET /orders", input: z.object({}), output: z.object({ seen: z.int() }) });
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    const migrations = [{ name: "001-seen.sql", sql: "CREATE TABLE orders_seen (position INTEGER) STRICT;" }];
    const orders = context("orders", { contract: { Placed, Place, Count }, migrations });
    orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
    orders.answer(Count, { allow: anyone() }, async (_, { read }) => {
      const { rows } = await read.execute("SELECT count(*) AS seen FROM orders_seen");
      return { seen: Number(rows[0].seen) };
    });
    orders.on(Placed, { name: "note", from: "start", before: () => gate }, async ({ position }, { tx }) => {
      await tx.execute("INSERT INTO orders_seen VALUES (?)", [position]);
    });
    const path = ${JSON.stringify(folder)};
    const limits = { diskReserveBytes: 8 * 1024 * 1024 };
    const mounted = await mount(app({ contexts: [orders] }), { mode: "start", data: path + "/data", env: {}, limits, write: () => {} });
    const place = () => {
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ filling: "x".repeat(1_000) }) };
      return mounted.fetch(new Request("http://localhost/orders", init));
    };
    const seen = async () => (await (await mounted.fetch(new Request("http://localhost/orders"))).json()).seen;
    const until = async (reached) => {
      for (let i = 0; i < 400; i++) {
        if (await reached()) return true;
        await pause(25);
      }
      return false;
    };
    const told = { accepted: 0 };
    for (; told.accepted < 20; told.accepted++) await place();
    writeFileSync(path + "/ballast", Buffer.alloc(20 * 1024 * 1024));
    let refused;
    await until(async () => {
      const answer = await place();
      if (answer.status === 503) return (refused = answer);
      told.accepted++;
    });
    told.refused = [refused.status, refused.headers.get("retry-after"), (await refused.json()).code];
    told.low = mounted.runtime.status.diskLow;
    told.before = await seen();
    release();
    told.delivered = await until(async () => (await seen()) === told.accepted);
    told.stillRefused = (await place()).status;
    rmSync(path + "/ballast");
    told.resumed = await until(async () => (await place()).status === 204);
    told.parked = mounted.runtime.status.parked;
    await mounted.stop();
    console.log(JSON.stringify(told));`;
    const inside = `exec unshare -rm sh -c 'mount -t tmpfs -o size=32m tmpfs ${folder} && exec "$@"' sh "$@"`;
    const told = JSON.parse(await outputOf(otherProcess(running, inside))) as Record<string, unknown>;
    expect(told).toMatchObject({
      refused: [503, "2", "disk-low"],
      low: true,
      before: 0,
      delivered: true,
      stillRefused: 503,
      resumed: true,
      parked: 0,
    });
  },
  30_000,
);

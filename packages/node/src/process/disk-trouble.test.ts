import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyone, app, command, context, event, none, query, type App, type SqlHandle } from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { FolderHome } from "../sqlite/folder-home.ts";
import { mountsAllowed, otherProcess, outputOf } from "../sqlite/fixture.ts";
import { SqliteStore } from "../sqlite/store.ts";
import { mount, type Mounted } from "./mount.ts";

const Order = z.object({ orderId: z.string() });
const Placed = event("orders.placed", { version: 1, key: none, data: Order });
const Place = command("orders.place", { http: "POST /orders", input: Order });
const Count = query("orders.count", {
  http: "GET /orders",
  input: z.object({}),
  output: z.object({ charged: z.int() }),
});
const TABLE = "CREATE TABLE orders_charge (orderId TEXT, filling TEXT) STRICT;";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-full-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Every order is charged once, with a row that takes a page. */
function ordersApp(): App {
  const orders = context("orders", {
    contract: { Placed, Place, Count },
    migrations: [{ name: "001-charge.sql", sql: TABLE }],
  });
  orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
  orders.answer(Count, { allow: anyone() }, async (_, { read }) => {
    const { rows } = await (read as unknown as SqlHandle).execute("SELECT count(*) AS charged FROM orders_charge");
    return { charged: Number(rows[0]?.["charged"]) };
  });
  orders.on(Placed, { name: "charge", from: "start" }, async ({ data }, { tx }) => {
    const sql = "INSERT INTO orders_charge VALUES (?, ?)";
    await (tx as unknown as SqlHandle).execute(sql, [data.orderId, "x".repeat(3_000)]);
  });
  return app({ contexts: [orders] });
}

test("without room commands are refused, reads answered; with room again all goes on, and nothing acknowledged is lost", async () => {
  const home = new FolderHome({ path: folder });
  const pages = (most: number): void => home.db.exec(`PRAGMA max_page_count = ${most}`);
  const store = new SqliteStore(true, () => home);
  const mounted = await mount(ordersApp(), { mode: "start", data: folder, env: {}, write: () => {}, store });
  const place = (orderId: string): Promise<Response> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ orderId }) };
    return mounted.fetch(new Request("http://localhost/orders", init));
  };
  const charged = async (): Promise<number> => {
    const answer = await mounted.fetch(new Request("http://localhost/orders"));
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { charged: number }).charged;
  };
  try {
    const { page_count: used } = home.db.prepare("PRAGMA page_count").get() as { page_count: number };
    pages(used + 8);
    let acknowledged = 0;
    let refused: Response | undefined;
    for (let i = 0; refused === undefined && i < 2_000; i++) {
      const answer = await place(`order-${i}`);
      if (answer.status === 204) acknowledged++;
      else refused = answer;
    }
    expect(refused?.status).toBe(503);
    expect(refused?.headers.get("retry-after")).toBe("1");
    expect(await refused?.json()).toMatchObject({ code: "disk-full", remedy: expect.stringContaining("Make room") });
    const before = await charged();
    expect(before).toBeLessThan(acknowledged);
    expect(mounted.runtime.status).toMatchObject({ state: "ready", parked: 0 });
    pages(used + 100_000);
    await expect.poll(charged, { timeout: 10_000 }).toBe(acknowledged);
    expect((await place("order-last")).status).toBe(204);
    await expect.poll(charged).toBe(acknowledged + 1);
    expect(mounted.runtime.status).toMatchObject({ parked: 0 });
  } finally {
    await mounted.stop();
  }
});

test.skipIf(!mountsAllowed())(
  "on a file system that is really full likewise (skipped where a user may not mount one)",
  async () => {
    const writing = `
    import { rmSync, writeFileSync } from "node:fs";
    const path = ${JSON.stringify(folder)};
    writeFileSync(path + "/ballast", Buffer.alloc(2 * 1024 * 1024));
    const { store } = await fixture.openSqlite(path + "/data");
    const ids = [];
    const refusals = new Set();
    const place = (id) => fixture.placeRow(store, id, 3_000).then(() => ids.push(id), ({ code }) => refusals.add(code));
    for (let i = 0; i < 5_000 && refusals.size === 0; i++) await place("before-" + i);
    const full = ids.length;
    await place("refused");
    const read = await fixture.inSession(store, (sql) => sql.execute("SELECT count(*) AS n FROM orders_row"));
    rmSync(path + "/ballast");
    for (let i = 0; i < 20; i++) await place("after-" + i);
    await store.close();
    const opened = await fixture.openSqlite(path + "/data");
    const kept = await fixture.inSession(opened.store, (sql) => sql.execute("SELECT key FROM orders_row ORDER BY rowid"));
    console.log(JSON.stringify({ refusals: [...refusals], full, read: read.rows[0].n, ids, kept: kept.rows.map(({ key }) => key) }));
    await opened.store.close();`;
    const inside = `exec unshare -rm sh -c 'mount -t tmpfs -o size=6m tmpfs ${folder} && exec "$@"' sh "$@"`;
    const { refusals, full, read, ids, kept } = JSON.parse(await outputOf(otherProcess(writing, inside))) as {
      readonly [name in "refusals" | "ids" | "kept"]: readonly string[];
    } & { readonly full: number; readonly read: number };
    expect(refusals).toEqual(["disk-full"]);
    expect(full).toBeGreaterThan(10);
    expect(read).toBe(full);
    expect(ids.length).toBe(full + 20);
    expect(kept).toEqual(ids);
  },
);

test.skipIf(!mountsAllowed())(
  "who starts on a full disk is told to make room, at each step of the start, and starts when there is some (skipped likewise)",
  async () => {
    const starting = `
    import { rmSync, writeFileSync } from "node:fs";
    const path = ${JSON.stringify(folder)};
    const first = await fixture.openSqlite(path + "/data");
    for (let i = 0; i < 50; i++) await fixture.placeRow(first.store, "row-" + i, 3_000);
    await first.store.close();
    const ballast = (i) => path + "/ballast-" + i;
    const fill = (i, bytes) => {
      try { writeFileSync(ballast(i), Buffer.alloc(bytes)); return true; } catch { rmSync(ballast(i)); return false; }
    };
    let filled = 0;
    while (fill(filled, 512 * 1024)) filled++;
    while (fill(filled, 4096)) filled++;
    const told = [];
    // room comes page by page, so the start gets further each time
    for (let i = filled - 1; i >= 0; i--) {
      try {
        const again = await fixture.openSqlite(path + "/data");
        const kept = await fixture.inSession(again.store, (sql) => sql.execute("SELECT count(*) AS n FROM orders_row"));
        await again.store.close();
        console.log(JSON.stringify({ told, kept: kept.rows[0].n }));
        break;
      } catch ({ code, message, remedy }) {
        told.push(code + ": " + message + " " + remedy);
        rmSync(ballast(i));
      }
    }`;
    const inside = `exec unshare -rm sh -c 'mount -t tmpfs -o size=6m tmpfs ${folder} && exec "$@"' sh "$@"`;
    const { told, kept } = JSON.parse(await outputOf(otherProcess(starting, inside))) as {
      readonly told: readonly string[];
      readonly kept: number;
    };
    expect(told.length).toBeGreaterThan(0);
    for (const one of told)
      expect(one).toMatch(/^disk-full: The (data folder|database) .* Make room on its disk, then start again\.$/);
    expect(kept).toBe(50);
  },
);

test("a process that finds its database damaged says so to everybody, what to do included, and cannot go on", async () => {
  const options = { mode: "start", data: folder, env: {}, write: () => {} } as const;
  const place = async (mounted: Mounted): Promise<Response> => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"orderId":"a"}' };
    return mounted.fetch(new Request("http://localhost/orders", init));
  };
  const first = await mount(ordersApp(), options);
  for (let i = 0; i < 50; i++) expect((await place(first)).status).toBe(204);
  await expect.poll(() => first.runtime.status.lag).toBe(0);
  await first.stop();
  const file = join(folder, "banyan.db");
  const bytes = readFileSync(file);
  // pages of the charges alone, which no start looks at
  for (let page = 0; page < bytes.length; page += 4_096)
    if (bytes.subarray(page, page + 4_096).includes("x".repeat(1_000))) bytes.fill(0x5a, page, page + 4_096);
  writeFileSync(file, bytes);
  const second = await mount(ordersApp(), options);
  try {
    const found = await second.fetch(new Request("http://localhost/orders"));
    expect(await found.json()).toMatchObject({ code: "database-corrupt" });
    // that concerns whoever writes next
    expect(await (await place(second)).json()).toMatchObject({ code: "database-corrupt" });
    expect(await second.failed).toContain("restore a backup");
    const later = await place(second);
    expect(later.status).toBe(503);
    expect(await later.json()).toMatchObject({
      code: "database-corrupt",
      remedy: expect.stringContaining("banyan restore"),
    });
  } finally {
    await second.stop();
  }
});

/** A file that may not grow is an error of the device to SQLite, not a lack of room. */
test.skipIf(process.platform === "win32")(
  "a process whose disk fails in a commit says so and ends with 1",
  async () => {
    const running = `
    const { mount } = await import(${JSON.stringify(new URL("./mount.ts", import.meta.url).href)});
    const { runProcess } = await import(${JSON.stringify(new URL("./run-process.ts", import.meta.url).href)});
    const { context, command, app, event, none, anyone } = await import("@banyan/core");
    const { z } = await import("zod");
    const input = z.object({ filling: z.string() });
    const Placed = event("orders.placed", { version: 1, key: none, data: input });
    const Place = command("orders.place", { http: "POST /orders", input });
    const orders = context("orders", { contract: { Placed, Place } });
    orders.handle(Place, { allow: anyone() }, (input, { emit }) => emit(Placed, input));
    const code = await runProcess(async () => {
      const options = { mode: "start", data: ${JSON.stringify(folder)}, env: {}, write: () => {} };
      const mounted = await mount(app({ contexts: [orders] }), options);
      void (async () => {
        const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ filling: "x".repeat(3_000) }) };
        for (let i = 0; i < 2_000; i++) {
          const answer = await mounted.fetch(new Request("http://localhost/orders", init));
          if (answer.status !== 204) return console.log(answer.status, (await answer.json()).code);
        }
      })();
      return mounted;
    });
    console.log("ended", code);
    process.exit(code);`;
    const child = otherProcess(running, "ulimit -f 1000");
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    expect((await outputOf(child)).trim().split("\n")).toEqual(["503 store-failed", "ended 1"]);
    expect(await ended).toBe(1);
  },
);

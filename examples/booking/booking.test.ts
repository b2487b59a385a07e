import { anyone, app, command, context, memoryDisk, mount, sqlite, type App, type Store } from "banyan";
import { drizzle } from "@banyan/drizzle";
import { kysely } from "@banyan/kysely";
import { sql as drizzleSql } from "drizzle-orm";
import { sql as kyselySql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import booking from "./banyan.config.ts";

interface Running {
  readonly mounted: Awaited<ReturnType<typeof mount>>;
  readonly store: Store;
}
type Answer = { status: number; body: Record<string, unknown> };

/** Vitest takes a lost rejection for its own; here it has to be ours to deal with, as in a process that nobody watches. */
let watchers: NodeJS.UnhandledRejectionListener[] = [];

beforeEach(() => {
  watchers = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
});

afterEach(() => {
  for (const watcher of watchers) process.on("unhandledRejection", watcher);
});

async function running(what: App, work: (running: Running) => Promise<void>): Promise<void> {
  const store = sqlite({ memory: memoryDisk() });
  const mounted = await mount(what, { mode: "dev", data: "", env: {}, faults: false, store, write: () => {} });
  await work({ mounted, store }).finally(() => mounted.stop());
}

async function rowsOf(store: Store, context: string, statement: string): Promise<unknown[]> {
  const session = await store.session(context);
  try {
    return session.raw.kind === "sql" ? [...(await session.raw.execute(statement)).rows] : [];
  } finally {
    await session.end();
  }
}

/** `PUT /rooms/1`; a path alone is a GET, with a body a POST. */
async function ask({ mounted }: Running, what: string, body?: unknown): Promise<Answer> {
  const [path = "", method = "POST"] = what.split(" ").toReversed();
  const headers = { "content-type": "application/json" };
  const init = body === undefined ? {} : { method, headers, body: JSON.stringify(body) };
  const answer = await mounted.fetch(new Request(`http://localhost${path}`, init));
  const text = await answer.text();
  return { status: answer.status, body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
}

test("what is booked in the seeds is taken", async () => {
  const store = sqlite({ memory: memoryDisk() });
  const options = { mode: "dev", data: "", env: {}, faults: false, store, seeds: true, write: () => {} } as const;
  const mounted = await mount(booking, options);
  const here = { mounted, store };
  expect(await ask(here, "/rooms")).toMatchObject({ body: { places: ["101", "102", "103"] } });
  const offers = [["101"], ["104"]];
  expect(await ask(here, "/rooms", { guest: "Edsger", offers })).toMatchObject({ body: { booked: ["104"] } });
  await mounted.stop();
});

test.for(["rooms", "cars", "tours"])(
  "the first offer that is free is booked whole, the others not at all: %s",
  (name) =>
    running(booking, async (here) => {
      const book = (guest: string, ...offers: string[][]) => ask(here, `/${name}`, { guest, offers });
      expect(await book("Ada", ["1", "2"])).toEqual({ status: 200, body: { booked: ["1", "2"] } });
      expect(await book("Grace", ["3", "1"], ["4", "2"], ["3", "4"], ["5"])).toMatchObject({
        body: { booked: ["3", "4"] },
      });
      expect(await book("Edsger", ["6", "6"], ["4"])).toMatchObject({ body: { booked: [] } });
      expect(await ask(here, `/${name}`)).toMatchObject({ body: { places: ["1", "2", "3", "4"] } });
      // what an inner transaction emitted before it was undone was never said
      const said = await rowsOf(here.store, name, `SELECT key FROM banyan_log_${name} ORDER BY position`);
      expect(said).toEqual(["1", "2", "3", "4"].map((key) => ({ key })));
    }),
);

const RAW_SQL = "rooms";

test.for(["rooms", "cars", "tours"])("of two who decide upon one version one wins, the other is told: %s", (name) =>
  running(booking, async (here) => {
    const handOver = (place: string, guest: string, version: number) =>
      ask(here, `PUT /${name}/${place}`, { guest, version });
    await ask(here, `/${name}`, { guest: "Ada", offers: [["1"]] });
    const both = await Promise.all([handOver("1", "Grace", 1), handOver("1", "Edsger", 1)]);
    const [won, lost] = both.toSorted((left, right) => left.status - right.status);
    expect(won?.status).toBe(204);
    const found = name === RAW_SQL ? { found: 2 } : {};
    expect(lost).toMatchObject({ status: 409, body: { code: "version-conflict", expected: 1, ...found } });
    const guest = both[0] === won ? "Grace" : "Edsger";
    expect(await ask(here, `/${name}/1`)).toEqual({ status: 200, body: { guest, version: 2 } });
    expect(await handOver("1", "Barbara", 2)).toMatchObject({ status: 204 });
    const missing = name === RAW_SQL ? { status: 404, code: "not-found" } : { status: 409, code: "version-conflict" };
    const { status, body } = await handOver("none", "Barbara", 1);
    expect({ status, code: body["code"] }).toEqual(missing);
  }),
);

const migrations = (name: string) => [{ name: "001-row.sql", sql: `CREATE TABLE ${name}_row (key TEXT PRIMARY KEY)` }];
const forget = <const Name extends string>(name: Name) =>
  command(`${name}.forget`, { http: `POST /${name}/forget`, input: z.object({}) });

/** Bodies that write one row, and neither await nor catch a statement that fails. */
function forgetful(): App {
  const contracts = { raw: forget("raw"), kysely: forget("kysely"), drizzle: forget("drizzle") };
  const raw = context("raw", { contract: { Forget: contracts.raw }, migrations: migrations("raw") });
  raw.handle(contracts.raw, { allow: anyone() }, async (_, { tx }) => {
    await tx.execute("INSERT INTO raw_row VALUES ('kept?')");
    void tx.execute("INSERT INTO raw_row VALUES ('kept?')");
  });
  const withKysely = context("kysely", {
    contract: { Forget: contracts.kysely },
    migrations: migrations("kysely"),
    tx: kysely<{ kysely_row: { key: string } }>(),
  });
  withKysely.handle(contracts.kysely, { allow: anyone() }, async (_, { tx }) => {
    await tx.insertInto("kysely_row").values({ key: "kept?" }).execute();
    void tx.insertInto("kysely_row").values({ key: "kept?" }).execute();
    void kyselySql`SELECT nothing`.execute(tx);
  });
  const withDrizzle = context("drizzle", {
    contract: { Forget: contracts.drizzle },
    migrations: migrations("drizzle"),
    tx: drizzle(),
  });
  withDrizzle.handle(contracts.drizzle, { allow: anyone() }, async (_, { tx }) => {
    await tx.run(drizzleSql`INSERT INTO drizzle_row VALUES ('kept?')`);
    void tx.run(drizzleSql`INSERT INTO drizzle_row VALUES ('kept?')`).execute();
  });
  return app({ contexts: [raw, withKysely, withDrizzle] });
}

test.for(["raw", "kysely", "drizzle"])(
  "a body that loses a failed statement fails by name, and the process lives: %s",
  (name) =>
    running(forgetful(), async (here) => {
      const { status, body } = await ask(here, `/${name}/forget`, {});
      expect({ status, code: body["code"] }).toEqual({ status: 500, code: "query-floating" });
      expect(await rowsOf(here.store, name, `SELECT key FROM ${name}_row`)).toEqual([]);
      expect(await ask(here, "/_banyan/health/live")).toMatchObject({ status: 200 });
    }),
);

import { expect, test } from "vitest";
import { inUnit, openStore, planOf } from "./fixture.ts";

const clock = { now: () => Date.UTC(2031, 4, 6, 7, 8, 9, 10), mono: () => 0, after: () => () => {} };
const migrations = [
  {
    name: "001-row.sql",
    sql: `CREATE TABLE orders_row (key TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP, day TEXT DEFAULT (date('now', '+1 day')),
      luck INTEGER DEFAULT (random()), year TEXT GENERATED ALWAYS AS (strftime('%Y', key)))`,
  },
];

async function once(): Promise<unknown[]> {
  let seed = 1;
  const random = { u32: () => (seed = (seed * 1_103_515_245 + 12_345) >>> 0) };
  await using opened = await openStore({ memory: true, overrides: { clock, random } }, planOf({ orders: migrations }));
  return await inUnit(opened.store, async (sql) => {
    const defaults = await sql.execute(
      "INSERT INTO orders_row (key) VALUES ('2020-01-02') RETURNING at, day, luck / 1000000000000 AS luck, year",
    );
    const asked =
      await sql.execute(`SELECT datetime('now') AS a, datetime('NOW', '-1 hour') AS b, datetime() AS c, unixepoch('now') AS d,
      strftime('%H:%M') AS e, strftime('%Y', '1999-01-01') AS f, CURRENT_DATE AS g, julianday('2000-01-01 12:00') AS h, hex(randomblob(4)) AS i,
      random() % 1000 AS j, date(NULL) AS k`);
    return [{ ...defaults.rows[0] }, { ...asked.rows[0] }];
  });
}

test("SQL's own time and chance come from the ports", async () => {
  const [defaults, asked] = await once();
  expect(defaults).toMatchObject({ at: "2031-05-06 07:08:09", day: "2031-05-07", year: "2020" });
  expect(asked).toMatchObject({
    a: "2031-05-06 07:08:09",
    b: "2031-05-06 06:08:09",
    c: "2031-05-06 07:08:09",
    d: Date.UTC(2031, 4, 6, 7, 8, 9) / 1_000,
    e: "07:08",
    f: "1999",
    g: "2031-05-06",
    h: 2_451_545,
    k: null,
  });
});

test("the same seed gives the same answers", async () => {
  expect(await once()).toEqual(await once());
});

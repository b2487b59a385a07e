import { expect, test } from "vitest";
import { dice } from "./dice.ts";
import { TillFolder } from "./till-child.ts";
import { MountedTill, type Sold } from "./till-mounted.ts";

const subscription = "tills.book";
const ANN = { name: "ann", why: "a test" };

const damages: readonly (readonly [string, (random: (below: number) => number) => string])[] = [
  ["whose bytes are cut short", (random) => `body = substr(body, 1, ${1 + random(10)})`],
  ["whose data another schema has written", () => `body = json_set(body, '$.n', 'two')`],
  [
    "of a version this code does not know",
    (random) => `version = ${2 + random(9)}, body = json_set(body, '$.n', 'two')`,
  ],
];
const cases = damages.flatMap(([what, damage]) => [1, 2].map((seed) => [what, seed, damage] as const));

test.each(cases)(
  "an entry %s waits as unknown, its key with it, and nothing else does (seed %i)",
  async (_, seed, damage) => {
    using folder = new TillFolder();
    const random = dice(seed);
    const sales = Array.from({ length: 12 }, (_, n) => ({ till: ["north", "south", "east"][n % 3] ?? "", n }));
    {
      await using before = await MountedTill.started(folder, { hold: [subscription] });
      expect((await before.sell(...sales)).status).toBe(204);
    }
    const position = 1 + random(sales.length);
    folder.byHand(`UPDATE banyan_log_tills SET ${damage(random)} WHERE position = ${position} RETURNING position`);
    const behind = sales.filter((sale, i) => i + 1 > position && sale.till === sales[position - 1]?.till).length;
    {
      await using till = await MountedTill.started(folder);
      // for either subscription
      await till.quiet(2 * (1 + behind));
      const [head, ...rest] = await till.runtime.delivery.parked({ subscription });
      expect(head).toMatchObject({
        position,
        state: "unknown",
        attempts: 0,
        errors: [{ message: expect.any(String) }],
      });
      expect(rest.map(({ state }) => state)).toEqual(rest.map(() => "waiting"));
      // what was read by nobody is not repeated in words
      expect(JSON.stringify(head)).not.toContain("two");
      await till.runtime.delivery.skip({ subscription, position }, ANN);
      await till.quiet(1 + behind);
    }
    const rows = folder.booked();
    expect(rows.map((row) => Number.parseInt(row)).toSorted((a, b) => a - b)).toEqual(
      sales.map((_, i) => i + 1).filter((other) => other !== position),
    );
    for (const till of ["north", "south", "east"]) {
      const ns = rows.filter((row) => row.includes(till)).map((row) => Number(row.split(" ")[2]));
      expect(ns).toEqual(ns.toSorted((a, b) => a - b));
    }
  },
);

test("an entry ten times the size of a batch goes through alone, and holds nobody up for long", async () => {
  using folder = new TillFolder();
  const sold = (sale: Sold & { note: string }): Sold & { note: string } =>
    sale.note === "huge" ? { ...sale, note: "x".repeat(40 * 1024 * 1024) } : sale;
  await using till = await MountedTill.started(folder, { trouble: { sold } });
  const sales = Array.from({ length: 20 }, (_, n) => ({ till: `till-${n % 5}`, n, note: n === 7 ? "huge" : "" }));
  expect((await till.sell(...sales)).status).toBe(204);
  await till.quiet();
  await till.stop();
  expect(folder.booked()).toHaveLength(20);
  expect(new Set(folder.booked()).size).toBe(20);
  expect(folder.told()).toHaveLength(20);
});

test.each([1, 2])(
  "a key with nine tenths of the traffic that fails holds nobody else up, and is delivered in order when it is redriven (seed %i)",
  { timeout: 30_000 },
  async (seed) => {
    using folder = new TillFolder();
    const random = dice(seed);
    let broken = true;
    const booked = ({ sale }: { sale: Sold }): void => {
      if (broken && sale.till === "hot") throw new Error("out of paper");
    };
    await using till = await MountedTill.started(folder, { trouble: { booked, tries: 2 } });
    const sales = Array.from({ length: 400 }, (_, n) => ({ till: random(10) > 0 ? "hot" : `cold-${random(30)}`, n }));
    const hot = sales.filter((sale) => sale.till === "hot");
    expect(hot.length).toBeGreaterThan(320);
    for (let i = 0; i < sales.length; i += 100) expect((await till.sell(...sales.slice(i, i + 100))).status).toBe(204);
    await till.quiet(hot.length);
    expect(till.runtime.status).toMatchObject({ dead: 1 });
    broken = false;
    await till.runtime.delivery.redrive({ subscription, key: "hot" }, ANN);
    await till.quiet();
    await till.stop();
    const rows = folder.booked().map((row) => row.split(" "));
    const cold = rows.slice(0, sales.length - hot.length);
    expect(cold.every(([, name]) => name?.startsWith("cold-"))).toBe(true);
    expect(rows.slice(cold.length).map(([, , n]) => Number(n))).toEqual(hot.map(({ n }) => n));
    expect(new Set(rows.map(([position]) => position)).size).toBe(sales.length);
  },
);

test("twenty thousand keys are delivered, each entry once", { timeout: 40_000 }, async () => {
  using folder = new TillFolder();
  await using till = await MountedTill.started(folder);
  for (let i = 0; i < 20_000; i += 1_000) {
    const sales = Array.from({ length: 1_000 }, (_, n) => ({ till: `till-${i + n}`, n: i + n }));
    expect((await till.sell(...sales)).status).toBe(204);
  }
  await till.quiet();
  const [book] = await till.runtime.delivery.subscriptions();
  expect(book).toMatchObject({ subscription, pos: 20_000, inFlight: 0, behind: 0 });
  await till.stop();
  expect(new Set(folder.booked()).size).toBe(20_000);
  expect(folder.booked()).toHaveLength(20_000);
});

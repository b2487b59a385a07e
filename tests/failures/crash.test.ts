import { expect, test } from "vitest";
import { dice } from "./dice.ts";
import { TillChild, TillFolder, type TillPlan } from "./till-child.ts";

const TILLS = ["north", "south", "east", "west"];
/** Sales of a command: one batch of many keys. */
const sales = Array.from({ length: 24 }, (_, n) => ({ till: TILLS[n % TILLS.length] ?? "", n }));
const expected = sales.map(({ till, n }, i) => `${i + 1} ${till} ${n}`);

/** A process that is killed at its moment, and the next one, which is given the command again and left until nothing waits. */
async function killedAndStarted(folder: TillFolder, plan: Omit<TillPlan, "data">): Promise<void> {
  {
    await using dying = new TillChild({ ...plan, data: folder.data });
    void dying.sell(sales, "the day").catch(() => {});
    expect(await dying.ended).toBe("SIGKILL");
  }
  await using next = await new TillChild({ data: folder.data }).started();
  expect(await next.sell(sales, "the day")).toBe(204);
  await next.quiet();
  expect(await next.stop()).toBe(0);
}

/** What is there of the sales: in the log, booked, booked by till in the order of writing, and told. */
function found(folder: TillFolder): unknown {
  const booked = folder.booked();
  return {
    log: folder.log(),
    booked: booked.toSorted(byPosition),
    byTill: TILLS.map((till) => booked.filter((row) => row.includes(` ${till} `))),
    told: folder.told().toSorted(byPosition),
  };
}

/** Every sale is in the log once and has its effect once in each subscription, a till's in order. */
const ONCE = {
  log: expected,
  booked: expected,
  byTill: TILLS.map((till) => expected.filter((row) => row.includes(` ${till} `))),
  told: expected.map((row) => row.split(" ")[0]),
};

function byPosition(left: string, right: string): number {
  return Number.parseInt(left) - Number.parseInt(right);
}

const seeds = [1, 2];

test.each(seeds)(
  "killed in a body that has written, in the middle of a batch, before the commit: every effect once (seed %i)",
  { timeout: 30_000 },
  async (seed) => {
    using folder = new TillFolder();
    await killedAndStarted(folder, { dies: "before its commit", at: 1 + dice(seed)(sales.length) });
    expect(found(folder)).toEqual(ONCE);
  },
);

test.each([...seeds, 3])(
  "killed after a commit, before anybody is told of it: every effect once (seed %i)",
  { timeout: 30_000 },
  async (seed) => {
    using folder = new TillFolder();
    // the claim of the cursors is the first commit, the command the second; deliveries follow
    await killedAndStarted(folder, { dies: "after its commit", at: 2 + dice(seed)(3) });
    expect(found(folder)).toEqual(ONCE);
  },
);

test.each(seeds)(
  "killed between the act outside and its outcome: it is repeated with its key, and every effect is there once (seed %i)",
  { timeout: 30_000 },
  async (seed) => {
    using folder = new TillFolder();
    const { outside } = folder;
    {
      const at = 1 + dice(seed)(sales.length);
      await using dying = new TillChild({ data: folder.data, dies: "after it has acted outside", at, outside });
      void dying.sell(sales, "the day").catch(() => {});
      expect(await dying.ended).toBe("SIGKILL");
    }
    const doneBefore = folder.acts();
    await using next = await new TillChild({
      data: folder.data,
      dies: "after it has acted outside",
      outside,
    }).started();
    expect(await next.sell(sales, "the day")).toBe(204);
    await next.quiet();
    await next.stop();
    expect(found(folder)).toEqual(ONCE);
    // a key for each sale, whatever happened, and no sale with two
    expect(new Set(folder.acts()).size).toBe(sales.length);
    expect(new Set(folder.acts().map((act) => act.split(" ")[0])).size).toBe(sales.length);
    const repeated = folder.acts().length - sales.length;
    // what was in flight when it died, at most: one for each till
    expect(repeated).toBeGreaterThan(0);
    expect(repeated).toBeLessThanOrEqual(TILLS.length);
    expect(doneBefore.length).toBeGreaterThan(0);
  },
);

import { describe, expect, test } from "vitest";
import { Life } from "./life.ts";
import { Prng } from "./prng.ts";
import { RunNeverEnds, Scheduler } from "./scheduler.ts";

const world = (seed: number): { scheduler: Scheduler; life: Life } => ({
  scheduler: new Scheduler(new Prng(seed)),
  life: new Life("one"),
});
const never = (): boolean => false;
const STEPS = 10_000;

async function orderUnder(seed: number): Promise<string> {
  const { scheduler, life } = world(seed);
  const order: number[] = [];
  for (let i = 0; i < 8; i++) void scheduler.point(life, "point").then(() => order.push(i));
  await scheduler.run(never, STEPS);
  return order.join();
}

describe("what is ready", () => {
  test("goes on in an order that the seed decides", async () => {
    expect(await orderUnder(1)).toBe(await orderUnder(1));
    expect(new Set(await Promise.all([1, 2, 3, 4, 5].map(orderUnder))).size).toBeGreaterThan(1);
  });

  test("goes on one by one: between two picks every promise has settled", async () => {
    const { scheduler, life } = world(3);
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      await scheduler.point(life, "begin");
      most = Math.max(most, ++inside);
      for (let i = 0; i < 20; i++) await Promise.resolve();
      inside--;
    };
    for (let i = 0; i < 5; i++) void work();
    await scheduler.run(never, STEPS);
    expect(most).toBe(1);
  });

  test("ends the run when it never ends", async () => {
    const { scheduler, life } = world(1);
    void (async () => {
      for (;;) await scheduler.point(life, "again");
    })();
    await expect(scheduler.run(never, 50)).rejects.toBeInstanceOf(RunNeverEnds);
  });
});

describe("time", () => {
  test("jumps to the earliest timer, and a timer is never early", async () => {
    const { scheduler, life } = world(1);
    const clock = scheduler.clock(life);
    const rung: [planned: number, at: number][] = [];
    for (const ms of [3_600_000, 5, 0, 60_000]) clock.after(ms, () => rung.push([ms, clock.mono()]));
    await scheduler.run(never, STEPS);
    expect(rung.map(([planned]) => planned)).toEqual([0, 5, 60_000, 3_600_000]);
    for (const [planned, at] of rung) expect(at).toBeGreaterThanOrEqual(planned);
  });

  test("a cancelled timer does not ring, and cancelling twice is harmless", async () => {
    const { scheduler, life } = world(1);
    let rung = 0;
    const cancel = scheduler.after(life, 10, () => rung++);
    scheduler.after(life, 5, () => {
      cancel();
      cancel();
    });
    await scheduler.run(never, STEPS);
    expect(rung).toBe(0);
  });

  test("the wall clock jumps, the other does not", () => {
    const { scheduler, life } = world(1);
    const clock = scheduler.clock(life);
    const [wall, mono] = [clock.now(), clock.mono()];
    scheduler.jumpWallClock(-3_600_000);
    expect([clock.now() - wall, clock.mono() - mono]).toEqual([-3_600_000, 0]);
    expect(Number.isInteger(clock.now())).toBe(true);
  });
});

describe("a life", () => {
  test("that has ended never goes on: neither from a point nor by a timer", async () => {
    const { scheduler, life } = world(1);
    const other = new Life("other");
    const wentOn: string[] = [];
    void scheduler.point(life, "point").then(() => wentOn.push("point"));
    scheduler.after(life, 20, () => wentOn.push("timer"));
    scheduler.after(other, 10, () => wentOn.push("other"));
    life.end();
    await scheduler.run(never, STEPS);
    expect(wentOn).toEqual(["other"]);
  });

  test("that stands still goes on with everything that came due meanwhile", async () => {
    const { scheduler, life } = world(1);
    const outside = new Life("outside");
    const wentOn: number[] = [];
    scheduler.standStill(life);
    void scheduler.point(life, "point").then(() => wentOn.push(scheduler.ms));
    scheduler.after(life, 20, () => wentOn.push(scheduler.ms));
    scheduler.after(outside, 500, () => scheduler.goOn(life));
    await scheduler.run(never, STEPS);
    expect(wentOn).toHaveLength(2);
    for (const ms of wentOn) expect(ms).toBeGreaterThanOrEqual(500);
  });

  test("tells once that it has ended", () => {
    const life = new Life("one");
    const told: string[] = [];
    life.onEnd(() => told.push("kept"));
    life.onEnd(() => told.push("taken back"))();
    life.end();
    life.end();
    expect(told).toEqual(["kept"]);
  });
});

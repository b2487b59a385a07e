import { join } from "node:path";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "../serving/command.ts";
import { TillChild, TillFolder } from "./till-child.ts";

const PATIENT = { timeout: 10_000, interval: 20 };
const byText = (left = "", right = ""): number => (left < right ? -1 : 1);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test(
  "a process that stands still keeps its data to itself, and goes on where it was when it wakes",
  { timeout: 30_000 },
  async () => {
    using folder = new TillFolder();
    const { data, outside } = folder;
    // a limit that passes while it stands still, so that everything that was under way wakes up late
    const limits = { beforeLimitMs: 500 };
    await using till = await new TillChild({ data, outside, with: "that acts outside slowly", limits }).started();
    expect(
      await till.sell(
        [
          { till: "north", n: 0 },
          { till: "south", n: 1 },
          { till: "north", n: 2 },
        ],
        "a",
      ),
    ).toBe(204);
    till.child.kill("SIGSTOP");
    const asked = till.sell([{ till: "east", n: 3 }], "b");
    await using second = new TillChild({ data });
    expect(await second.ended).not.toBe(0);
    expect(second.err).toMatch(new RegExp(`pid ${till.child.pid}\\b[\\s\\S]*data-locked`));
    await pause(1_500);
    till.child.kill("SIGCONT");
    expect(await asked).toBe(204);
    await till.quiet();
    expect(await till.stop()).toBe(0);
    expect(folder.booked().toSorted()).toEqual(["1 north 0", "2 south 1", "3 north 2", "4 east 3"]);
    const [north] = [folder.booked().filter((row) => row.includes("north"))];
    expect(north).toEqual(["1 north 0", "3 north 2"]);
    // an act that was under way may be repeated by the next attempt, as `idempotent` allows, and then with its own key
    const acts = new Set(folder.acts());
    expect([...acts].map((act) => act.split(" ")[0]).toSorted(byText)).toEqual([
      "east/3",
      "north/0",
      "north/2",
      "south/1",
    ]);
  },
);

test(
  "a body that computes for longer than reads may take makes everybody wait, and fails nobody",
  { timeout: 30_000 },
  async () => {
    using folder = new TillFolder();
    const limits = { data: folder.data, blockMs: 1_500, readLimitMs: 500 };
    await using till = await new TillChild({ ...limits, with: "that computes for long" }).started();
    const asked = [
      till.sell(
        [
          { till: "north", n: 0, note: "long" },
          { till: "south", n: 1 },
        ],
        "a",
      ),
      ...Array.from({ length: 5 }, () => till.get("/booked").then(({ status }) => status)),
      till.sell([{ till: "east", n: 2 }], "b"),
      ...Array.from({ length: 5 }, () => till.get("/booked").then(({ status }) => status)),
    ];
    const answers = await Promise.all(asked);
    expect(answers).toEqual([204, 200, 200, 200, 200, 200, 204, 200, 200, 200, 200, 200]);
    await till.quiet();
    const { body } = await till.get("/_banyan/health/ready");
    expect(body).toMatchObject({ parked: 0 });
    expect((body["process"] as Record<string, unknown>)["eventLoopDelayMaxMs"]).toBeGreaterThan(1_000);
    await till.stop();
    expect(folder.booked().toSorted()).toEqual(["1 north 0", "2 south 1", "3 east 2"]);
    expect(folder.told()).toHaveLength(3);
  },
);

test("a rejection that a handler loses is said, and neither ends the process nor mutes a subscription", async () => {
  using folder = new TillFolder();
  await using till = await new TillChild({ data: folder.data, with: "that loses a rejection" }).started();
  const lost = Array.from({ length: 12 }, (_, n) => ({ till: `till-${n}`, n, note: "lost" }));
  expect(await till.sell(lost, "a")).toBe(204);
  expect(await till.sell([{ till: "north", n: 12 }], "b")).toBe(204);
  await till.quiet();
  await expect.poll(() => till.err, PATIENT).toMatch(/banyan: rejection-lost: [\s\S]*Error\n +at [\s\S]*remedy: /);
  expect(await till.stop()).toBe(0);
  // a flood is told one by one only at its beginning
  expect(till.err.match(/nobody handled it/g)).toHaveLength(10);
  expect(folder.booked()).toHaveLength(13);
  expect(folder.told()).toHaveLength(13);
});

test.each(["its application", "the process that watches it"])(
  "dev is started again at once after kill -9 of %s",
  { timeout: 30_000 },
  async (who) => {
    using folder = new NotesFolder();
    const words = ["dev", "--port", "0", "--data", join(folder.path, ".banyan")];
    const added = async (banyan: Banyan, noteId: string): Promise<string> => {
      const url = await banyan.said(/serving url=(\S+)/);
      const init = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ noteId, text: "x" }),
      };
      expect((await fetch(`${url}/notes`, init)).status).toBe(202);
      return url;
    };
    const once = who === "its application" ? [...words, "--no-watch"] : words;
    {
      await using first = new Banyan(folder.path, once);
      await added(first, "first");
      first.child.kill("SIGKILL");
      await new Promise((resolve) => first.child.once("exit", resolve));
      await using second = new Banyan(folder.path, once);
      const url = await added(second, "second");
      expect(await (await fetch(`${url}/notes/first`)).json()).toMatchObject({ text: "x" });
    }
  },
);

import { expect, test, type TestContext } from "vitest";
import { cutPower, type Cut } from "./cuts.ts";
import { whyNoLoopDisk } from "./loop-disk.ts";

const reason = whyNoLoopDisk();
const LONGEST_MS = 120_000;

async function cuts({ skip }: TestContext, weaker: boolean): Promise<readonly Cut[]> {
  if (reason !== undefined) skip(`no disk can be made here: ${reason}`);
  const seen: Cut[] = [];
  for await (const one of cutPower({ cuts: 3, seed: 1, weaker })) seen.push(one);
  return seen;
}

test(
  "what was acknowledged is there after a power cut, once, in order, with its effect",
  async (context) => {
    const seen = await cuts(context, false);
    expect(seen.reduce((sum, one) => sum + one.written, 0)).toBeGreaterThan(0);
    for (const one of seen)
      expect(one).toMatchObject({ lost: [], doubled: 0, uncopied: 0, outOfOrder: 0, integrity: "ok" });
  },
  LONGEST_MS,
);

test(
  "an application that acknowledges before the disk has it is found out by a power cut",
  async (context) => {
    const seen = await cuts(context, true);
    expect(seen.reduce((sum, one) => sum + one.lost.length, 0)).toBeGreaterThan(0);
  },
  LONGEST_MS,
);

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { open } from "../backlog/open.ts";
import { application } from "./application.ts";
import { judge, type Found } from "./judge.ts";
import { LoopDisk } from "./loop-disk.ts";

export interface CutOptions {
  readonly cuts: number;
  readonly seed: number;
  /** SQLite acknowledges before the disk has it: such a run must lose some. */
  readonly weaker: boolean;
}

/** One cut: how long the writer had run since its start or, in every other one, since it was ready; what was found. */
export interface Cut extends Found {
  readonly nth: number;
  readonly afterMs: number;
  /** Acknowledged by this writer. */
  readonly written: number;
  /** Acknowledged by all writers on this disk. */
  readonly acknowledged: number;
}

/** So many cuts are of one disk, each after the start from what the last one left; then a new disk. */
const CUTS_OF_A_DISK = 10;
const LONGEST_MS = 2_500;
/** Each writer counts on from here, so that no two say the same. */
const NUMBERS = 1_000_000;

/** Cuts the power under a writer again and again, each time starting from what had reached the disk, and judges what is there. */
export async function* cutPower(options: CutOptions): AsyncGenerator<Cut, void> {
  const folder = mkdtempSync(join(tmpdir(), "banyan-power-"));
  let disk: LoopDisk | undefined;
  let acknowledged = new Set<string>();
  try {
    for (let nth = 1; nth <= options.cuts; nth++) {
      if ((nth - 1) % CUTS_OF_A_DISK === 0) {
        disk?.remove();
        disk = undefined;
        acknowledged = new Set();
      }
      const before = disk ?? LoopDisk.make(join(folder, `${nth}.image`));
      disk = undefined; // it goes with the cut
      const afterMs = Math.floor(chance(options.seed, nth) * LONGEST_MS);
      const history = join(folder, `${nth}.history`);
      const image = join(folder, `${nth}.after`);
      const by = { history, from: nth * NUMBERS, weaker: options.weaker, afterMs, image, starts: nth % 2 === 0 };
      disk = await cutUnderWriter(before, by);
      const written = linesOf(history);
      for (const row of written) acknowledged.add(row);
      const found = await recovered(disk, acknowledged);
      yield { nth, afterMs, written: written.length, acknowledged: acknowledged.size, ...found };
      for (const row of found.lost) acknowledged.delete(row);
    }
  } finally {
    disk?.remove();
    rmSync(folder, { recursive: true });
  }
}

interface UnderWriter {
  readonly afterMs: number;
  /** The time counts from the start of the writer, so that it may be starting. */
  readonly starts: boolean;
  readonly history: string;
  readonly from: number;
  /** Where the disk goes on. */
  readonly image: string;
  readonly weaker: boolean;
}

async function cutUnderWriter(disk: LoopDisk, by: UnderWriter): Promise<LoopDisk> {
  const writer = startWriter(disk, by);
  const closed = once(writer, "close");
  try {
    while (!by.starts && !existsSync(by.history) && writer.exitCode === null) await pause(5);
    await pause(by.afterMs);
    await standStill(writer);
    return disk.afterPowerCut(by.image);
  } finally {
    writer.kill("SIGKILL");
    await closed;
    disk.remove();
  }
}

function startWriter(disk: LoopDisk, { history, from, weaker }: UnderWriter): ChildProcess {
  const weaken = weaker ? ["--import", join(import.meta.dirname, "weaker.ts")] : [];
  const args = ["--conditions=source", ...weaken, join(import.meta.dirname, "writer.ts")];
  const data = join(disk.path, "data");
  return spawn(process.execPath, [...args, data, history, String(from)], { stdio: ["ignore", "inherit", "inherit"] });
}

/** Waits until no thread of it runs any more: what one had begun in the kernel is over then. */
async function standStill(writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null) throw new Error(`The writer ended with ${writer.exitCode}; it says why above.`);
  writer.kill("SIGSTOP");
  const tasks = `/proc/${writer.pid}/task`;
  const stopped = (task: string): boolean => / T /.test(stateOf(join(tasks, task, "stat")));
  while (!readdirSync(tasks).every(stopped)) await pause(1);
}

/** What follows the name, which may have anything in it. */
function stateOf(file: string): string {
  const text = readFileSync(file, "utf8");
  return text.slice(text.lastIndexOf(")") + 1, text.lastIndexOf(")") + 4);
}

function linesOf(history: string): readonly string[] {
  return existsSync(history) ? readFileSync(history, "utf8").split("\n").slice(0, -1) : [];
}

/** Starts from what is on the disk, lets everything be delivered, and looks. */
async function recovered(disk: LoopDisk, acknowledged: ReadonlySet<string>): Promise<Found> {
  const data = join(disk.path, "data");
  const { runtime, end } = await open(application(), data);
  while (runtime.status.lag > 0) await pause(10);
  await end();
  return judge(join(data, "banyan.db"), acknowledged);
}

/** A number from 0 to 1 that a seed and a place decide. */
function chance(seed: number, nth: number): number {
  let mixed = Math.imul((seed * 0x9e37_79b1 + nth * 0x85eb_ca6b) | 0, 0x2c1b_3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x297a_2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
}

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { mount, type Mounted } from "banyan";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tills } from "./emit-app.ts";

let folder: string;
let file: string;
const ends: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-threads-"));
  file = join(folder, "banyan.db");
  // another process, so that this one has not owned the folder
  const program = `
    import { mount } from "banyan";
    import { tills } from "./emit-app.ts";
    await (await mount(tills(), { mode: "start", data: ${JSON.stringify(folder)}, env: {}, write: () => {} })).stop();`;
  const options = ["--conditions=source", "--input-type=module", "--eval", program];
  const { status, stderr } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
  rmSync(folder, { recursive: true });
});

async function mounted(): Promise<Mounted> {
  const running = await mount(tills(), { mode: "start", data: folder, env: {}, write: () => {} });
  ends.push(() => running.stop());
  return running;
}

/** A thread that has emitted, or has been refused, and is still there; what it said. */
async function thread(library: "better-sqlite3" | "node:sqlite"): Promise<{ said: unknown; end: () => unknown }> {
  const program = join(import.meta.dirname, "emit-thread.ts");
  const worker = new Worker(program, { workerData: { file, library }, execArgv: ["--conditions=source"], env: {} });
  ends.push(() => worker.terminate());
  const [said] = (await once(worker, "message")) as [unknown];
  return { said, end: () => worker.terminate() };
}

function entries(): unknown {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare("SELECT count(*) AS n FROM banyan_log_tills").get()?.["n"];
  } finally {
    db.close();
  }
}

test("Banyan is not started beside a thread in which another copy of SQLite has emitted, and is when that thread has ended", async () => {
  const { said, end } = await thread("better-sqlite3");
  expect(said).toBe("taken");
  await expect(mounted()).rejects.toMatchObject({ code: "emit-unsafe" });
  await end();
  await mounted();
  expect(entries()).toBe(1);
});

test("another copy of SQLite is refused in every thread of the process that runs Banyan, and of one that has", async () => {
  const running = await mounted();
  expect((await thread("better-sqlite3")).said).toBe("emit-unsafe");
  expect((await thread("node:sqlite")).said).toBe("taken");
  await running.stop();
  expect((await thread("better-sqlite3")).said).toBe("emit-unsafe");
  expect(entries()).toBe(1);
});

test("a thread beside Banyan that emits by Node's SQLite does not keep Banyan from starting", async () => {
  expect((await thread("node:sqlite")).said).toBe("taken");
  await mounted();
});

import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Banyan } from "./command.ts";

const root = join(import.meta.dirname, "..", "..");

/** One command of the command line, to its end. */
async function banyan(cwd: string, ...words: string[]): Promise<readonly [number, string]> {
  await using run = new Banyan(cwd, words);
  const code = await run.ended;
  return [code, run.out + run.err];
}

/** What another program says in the folder, and nothing where it is content. */
function complaints(cwd: string, program: string, ...words: string[]): string {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, env, encoding: "utf8", timeout: 60_000 });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

test(
  "what init writes compiles, passes its test and the check, and answers once it runs",
  { timeout: 90_000 },
  async () => {
    const folder = realpathSync.native(mkdtempSync(join(tmpdir(), "banyan-begun-")));
    try {
      expect(await banyan(folder, "init")).toEqual([0, expect.stringContaining("npm run dev")]);
      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
      const tsc = join(root, "node_modules", ".bin", "tsc");
      expect(complaints(folder, tsc, "--pretty", "false", "--customConditions", "source")).toBe("");
      expect(complaints(folder, process.execPath, "--conditions=source", "--test")).toBe("");
      expect(await banyan(folder, "check")).toEqual([0, expect.anything()]);
      await using dev = new Banyan(folder, ["dev", "--no-watch", "--port", "0"]);
      const url = await dev.said(/serving url=(\S+)/);
      const init = { method: "POST", headers: { "content-type": "application/json" }, body: '{"name":"Ada"}' };
      expect((await fetch(`${url}/guestbook`, init)).status).toBe(200);
      const visitors = async (): Promise<unknown> => (await fetch(`${url}/guestbook/visitors`)).json();
      await expect.poll(visitors, { timeout: 10_000 }).toEqual({ items: [{ name: "Ada", visits: 1 }] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

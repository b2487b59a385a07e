import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";

interface Told {
  readonly code: number;
  readonly verdict: string;
  /** The status of each check, and what it says, by its name. */
  readonly said: Readonly<Record<string, string>>;
}

interface Check {
  readonly check: string;
  readonly status: string;
  readonly message: string;
}

async function doctor(folder: NotesFolder, ...words: string[]): Promise<Told> {
  await using banyan = new Banyan(folder.path, ["doctor", "--json", ...words]);
  const code = await banyan.ended;
  expect(banyan.err).toBe("");
  const { verdict, checks } = JSON.parse(banyan.out) as { verdict: string; checks: readonly Check[] };
  return {
    code,
    verdict,
    said: Object.fromEntries(checks.map(({ check, status, message }) => [check, `${status} ${message}`])),
  };
}

async function started(folder: NotesFolder): Promise<Banyan> {
  const banyan = new Banyan(folder.path, ["start", "--port", "0"]);
  await banyan.said(/"url":"([^"]+)"/);
  return banyan;
}

test(
  "the doctor looks at an application before its first start, beside it, and after it, and changes nothing",
  { timeout: 60_000 },
  async () => {
    using folder = new NotesFolder();
    const data = join(folder.path, ".banyan");
    const before = await doctor(folder);
    expect(before).toMatchObject({ code: 0, verdict: "pass", said: { data: expect.stringContaining("no data yet") } });
    expect(existsSync(data)).toBe(false);
    {
      await using banyan = await started(folder);
      const beside = await doctor(folder);
      expect(beside).toMatchObject({ code: 0, verdict: "pass" });
      expect(beside.said).toMatchObject({
        data: `PASS process ${banyan.child.pid} has it, and answers`,
        sqlite: expect.stringMatching(/^PASS SQLite 3\.\S+, journal_mode wal, synchronous 2, foreign_keys 1$/),
        rights: expect.stringMatching(/^PASS/),
        migrations: expect.stringMatching(/^PASS \d+ applied/),
        cursors: "PASS 1 places, each with its subscription",
      });
    }
    const after = await doctor(folder);
    expect(after).toMatchObject({ code: 0, said: { data: "PASS no process runs on it; it opens" } });
    expect(after.said).toMatchObject({
      sqlite: expect.stringContaining("synchronous 2"),
      clock: expect.stringMatching(/^PASS/),
    });

    chmodSync(data, 0o755);
    expect(await doctor(folder)).toMatchObject({
      code: 1,
      verdict: "fail",
      said: { rights: expect.stringMatching(/^FAIL/) },
    });
    chmodSync(data, 0o700);
    folder.edit("index.ts", (text) => text.replace('name: "tell"', 'name: "tell-all"'));
    expect(await doctor(folder)).toMatchObject({
      code: 1,
      said: { cursors: expect.stringMatching(/^FAIL .*notes\.tell\./) },
    });
    expect(await doctor(folder, "--config", "none.ts")).toMatchObject({ code: 2, verdict: "unknown" });
  },
);

test("a process that does not answer is not judged, and named", { timeout: 30_000 }, async () => {
  using folder = new NotesFolder();
  await using banyan = await started(folder);
  rmSync(join(folder.path, ".banyan", "banyan.sock"));
  const told = await doctor(folder);
  expect(told).toMatchObject({ code: 2, verdict: "unknown" });
  expect(told.said["data"]).toContain(`pid ${banyan.child.pid}`);
  await using text = new Banyan(folder.path, ["doctor"]);
  expect(await text.ended).toBe(2);
  expect(text.out).toMatch(/^UNKNOWN +data +ops-unreachable: .*\n +remedy: /m);
});

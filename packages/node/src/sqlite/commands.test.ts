import type { CommandRecord } from "@banyan/core";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore, planOf, temporaryFolder } from "./fixture.ts";

const DAY = 86_400_000;

function record(key: string, at: number): CommandRecord {
  const scope = { tenant: "default", principal: "guest", operation: "orders.place", key };
  return { ...scope, digest: "d", commandId: key, outcome: "result", body: "{}", at, expires: at + DAY };
}

/** The rows there are, looked at while no process owns the folder. */
function kept(path: string): number {
  const db = new DatabaseSync(join(path, "banyan.db"), { readOnly: true });
  const count = db.prepare("SELECT count(*) AS n FROM banyan_command").get()?.["n"];
  db.close();
  return Number(count);
}

/** One process: it remembers so many commands, each in a commit of its own, and ends. */
async function aDay(path: string, day: number, commands: number): Promise<number> {
  await using opened = await openStore({ path }, { ...planOf(), now: () => day * DAY });
  for (let i = 0; i < commands; i++) {
    const transaction = await opened.store.begin();
    await transaction.remember(record(`${day}-${i}`, day * DAY));
    await transaction.commit();
  }
  await opened.store.close();
  return kept(path);
}

test.each([10, 100])("records that have expired do not stay, where each process keeps %i", async (commands) => {
  using folder = temporaryFolder();
  const sizes: number[] = [];
  for (let day = 1; day <= 5; day++) sizes.push(await aDay(folder.path, day, commands));
  expect(sizes).toEqual([commands, commands, commands, commands, commands]);
});

import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { Banyan } from "./command.ts";
import { ServedNotes } from "./served-notes.ts";

/** An operating command that stands nowhere near the data, with these variables. */
async function events(env: Readonly<Record<string, string>>, ...words: string[]): Promise<readonly [number, string]> {
  await using banyan = new Banyan(tmpdir(), ["events", ...words], env);
  const code = await banyan.ended;
  return [code, banyan.out + banyan.err];
}

test("from another machine the same commands operate over HTTP, and the token need not stand on the command line", async () => {
  await using notes = await new ServedNotes().start();
  const { url, token = "" } = notes.served;
  expect((await notes.ask("POST", "/notes", { json: { text: "ink" } })).status).toBe(202);
  const env = { BANYAN_TOKEN: token };
  const [code, lag] = await events(env, "lag", "--url", url, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(lag)).toMatchObject({ running: true, subscriptions: [{ subscription: "notes.tell" }] });
  expect(await events({}, "lag", "--url", url, "--token", token)).toEqual([0, expect.stringContaining("notes.tell")]);
  expect(await events(env, "tail", "--url", url, "--no-follow", "--json")).toEqual([
    0,
    expect.stringContaining('"type":"notes.note-added"'),
  ]);
  const skip = ["skip", "--subscription", "notes.tell", "--position", "1", "--why", "x"];
  expect(await events(env, ...skip, "--url", url)).toEqual([2, expect.stringContaining("parked-unknown")]);
  expect(await events({}, "lag", "--url", url)).toEqual([2, expect.stringContaining("set BANYAN_TOKEN")]);
  expect(await events({ BANYAN_TOKEN: "x".repeat(20) }, "lag", "--url", url)).toEqual([
    2,
    expect.stringContaining("token-invalid"),
  ]);
});

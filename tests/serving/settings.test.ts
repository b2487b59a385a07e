import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";

const CANARY = "canary-of-the-desk-7f3a";
const SHORT = "canary-7f3a";
const URL_LINE = /serving url=(\S+)/;
const READY = /serving/;

class Desk extends NotesFolder {
  run(command: "dev" | "start", words: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Banyan {
    const all = [
      command,
      "--config",
      "settings.config.ts",
      "--port",
      "0",
      "--data",
      join(this.path, ".banyan"),
      ...words,
    ];
    return new Banyan(this.path, all, env);
  }

  write(name: string, text: string): string {
    const path = join(this.path, name);
    writeFileSync(path, text);
    return path;
  }
}

const settled = async (url: string): Promise<unknown> => (await fetch(`${url}/settled`, { method: "POST" })).json();
const printed = ({ out, err }: Banyan): string => out + err;

test("a file, variables and the file of a secret, each before the one before it", async () => {
  using desk = new Desk();
  desk.write("banyan.json", JSON.stringify({ greeting: "from the file", retries: 4, desk: { key: "short" } }));
  const key = desk.write("key", `${CANARY}\n`);
  const env = { RETRIES: "5", DESK_KEY: "a variable of enough", DESK_KEY_FILE: key };
  await using banyan = desk.run("dev", ["--no-watch"], env);
  const url = await banyan.said(URL_LINE);
  expect(await settled(url)).toEqual({ greeting: "from the file", retries: 5, length: CANARY.length });
});

test("all that is wrong is said at once, before anything is opened, and no value is said", async () => {
  using desk = new Desk();
  const file = desk.write("other.json", JSON.stringify({ gretting: SHORT, retries: SHORT }));
  for (const [command, words] of [
    ["dev", ["--no-watch"]],
    ["start", []],
    ["start", ["--json"]],
  ] as const) {
    await using banyan = desk.run(command, ["--settings", file, ...words], { DESK_KEY: SHORT });
    expect(await banyan.ended).toBe(2);
    const said = printed(banyan);
    expect(said).toContain("settings-invalid");
    expect(said).toContain("3 mistakes");
    expect(said).toMatch(/gretting in other\.json is no setting\. Did you mean .*greeting/);
    expect(said).toContain("retries from other.json is wrong. Expected: a whole number.");
    expect(said).toContain(
      "desk.key from the environment variable DESK_KEY is wrong. Expected: text of 16 characters or more.",
    );
    expect(said).not.toContain(SHORT);
    expect(existsSync(join(desk.path, ".banyan"))).toBe(false);
  }
});

test("what is missing is said with the ways to set it; a file that cannot be read, without what is in it", async () => {
  using desk = new Desk();
  desk.write("banyan.json", `{\n  "desk": { "key": "${CANARY}", }\n}`);
  await using missing = desk.run("start");
  expect(await missing.ended).toBe(2);
  expect(missing.err).toContain("banyan.json is no JSON (line 2). Expected: one object in JSON.");
  expect(missing.err).toContain("desk.key is not set. Expected: text of 16 characters or more. Set ");
  expect(missing.err).toContain("DESK_KEY_FILE to a file that has it, or the environment variable DESK_KEY");
  await using mistaken = desk.run("start", [], { DESK_KEY_FILE: CANARY });
  expect(await mistaken.ended).toBe(2);
  expect(mistaken.err).toContain("desk.key from the file that DESK_KEY_FILE names cannot be read: ENOENT.");
  expect(printed(missing) + printed(mistaken)).not.toContain(CANARY);
});

test("no secret is in answers, logs or words of a crash when its holder is thrown", async () => {
  using desk = new Desk();
  for (const [command, words] of [
    ["dev", ["--no-watch", "--no-faults"]],
    ["start", []],
  ] as const) {
    await using banyan = desk.run(command, words, { DESK_KEY: CANARY });
    const url = await banyan.said(command === "dev" ? URL_LINE : /"url":"([^"]+)"/);
    for (const how of ["holder", "thing", "error", "cause", "rejection"]) {
      const answer = await fetch(`${url}/fail/${how}`, { method: "POST" });
      expect([how, await answer.text()].join(" ")).not.toContain(CANARY);
    }
    await banyan.said(/rejection-lost/);
    await fetch(`${url}/fail/crash`, { method: "POST" }).catch(() => {});
    expect(await banyan.ended).toBe(1);
    expect(printed(banyan)).toContain(command === "dev" ? "crashed with [secret]" : "uncaught");
    expect(printed(banyan)).not.toContain(CANARY);
  }
});

test("a change of the settings file starts the application again", async () => {
  using desk = new Desk();
  await using banyan = desk.run("dev", [], { DESK_KEY: CANARY });
  expect(await settled(await banyan.said(URL_LINE))).toMatchObject({ greeting: "hello" });
  const before = banyan.printed;
  desk.write("banyan.json", JSON.stringify({ greeting: "changed" }));
  expect(await settled(await banyan.said(URL_LINE, before))).toMatchObject({ greeting: "changed" });
  const wrong = banyan.printed;
  desk.write("banyan.json", JSON.stringify({ greeting: 5 }));
  await banyan.said(/greeting from banyan\.json is wrong/, wrong);
  const right = banyan.printed;
  desk.write("banyan.json", "{}");
  await banyan.said(READY, right);
});

test("no secret is in what the tools print", async () => {
  using desk = new Desk();
  const key = desk.write("key", CANARY);
  for (const words of [["graph"], ["graph", "--json"], ["check"], ["check", "--json"]]) {
    const env = { DESK_KEY: CANARY, DESK_KEY_FILE: key };
    await using banyan = new Banyan(desk.path, [...words, "--config", "settings.config.ts"], env);
    await banyan.ended;
    expect(banyan.out).not.toBe("");
    expect(printed(banyan)).not.toContain(CANARY);
  }
});

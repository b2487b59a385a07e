import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "../serving/command.ts";

const OPEN = '{ allow: roles("editor") }';

test(
  "an operation without a policy fails the build with its file and line, and starts nothing",
  { timeout: 60_000 },
  async () => {
    using folder = new NotesFolder();
    await using sound = new Banyan(folder.path, ["check"]);
    expect(await sound.ended).toBe(0);
    folder.edit("index.ts", (text) => {
      expect(text).toContain(OPEN);
      return text.replace(OPEN, "{} as never");
    });
    for (const words of [["check"], ["check", "--json"]]) {
      await using check = new Banyan(folder.path, words);
      expect(await check.ended).toBe(1);
      expect(check.out).toContain("policy-missing");
      expect(check.out).toMatch(/index\.ts\D+\d+/);
      expect(check.out).toContain("PutNote");
    }
    for (const words of [["start", "--port", "0"], ["dev", "--no-watch", "--port", "0"], ["graph"]]) {
      await using command = new Banyan(folder.path, words);
      expect([words[0], await command.ended]).toEqual([words[0], 2]);
      expect(command.err).toContain("policy-missing");
    }
  },
);

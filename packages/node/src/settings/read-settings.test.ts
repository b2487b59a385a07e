import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { app, Secret, secret, settings, valuesOf } from "@banyan/core";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { mount } from "../process/mount.ts";
import { readSettings, type SettingsSources } from "./read-settings.ts";

const CANARY = "canary-7f3a";
const folder = mkdtempSync(join(tmpdir(), "banyan-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const desk = app({
  contexts: [],
  settings: settings({ lamp: z.string().default("off"), key: secret(z.string().min(5)) }, { prefix: "DESK" }),
});
const read = (sources: Partial<SettingsSources>): unknown => {
  const { lamp, key } = valuesOf(readSettings(desk, { env: {}, ...sources })) as { lamp: string; key: Secret };
  return [lamp, key.reveal()];
};

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("each source goes before the one below it", () => {
  const file = write("banyan.json", `\uFEFF{ "lamp": "file", "key": "of the file" }`);
  expect(read({ file })).toEqual(["file", "of the file"]);
  const env = { DESK_LAMP: "variable", DESK_KEY: "of a variable", LAMP: "another's" };
  expect(read({ file, env })).toEqual(["variable", "of a variable"]);
  const named = { ...env, DESK_KEY_FILE: write("key", "of a file\r\n") };
  expect(read({ file, env: named })).toEqual(["variable", "of a file"]);
  expect(read({ file, env: named, given: { lamp: "given", key: "given too" } })).toEqual(["given", "given too"]);
});

test("an empty variable is not set, and of a secret's file only the last line break is dropped", () => {
  const env = { DESK_LAMP: "", DESK_KEY: "", DESK_KEY_FILE: write("lines", " a\nkey \n\n") };
  expect(read({ env })).toEqual(["off", " a\nkey \n"]);
});

test("what may be shown of settings has names and sources, and no value", () => {
  const { states } = readSettings(desk, { env: { DESK_KEY: CANARY, DESK_LAMP: CANARY } });
  expect(states).toEqual([
    {
      name: "lamp",
      variable: "DESK_LAMP",
      fileVariable: undefined,
      secret: false,
      expected: "text",
      set: true,
      source: "the environment variable DESK_LAMP",
      valid: true,
    },
    {
      name: "key",
      variable: "DESK_KEY",
      fileVariable: "DESK_KEY_FILE",
      secret: true,
      expected: "text of 5 characters or more",
      set: true,
      source: "the environment variable DESK_KEY",
      valid: true,
    },
  ]);
  expect(JSON.stringify(states)).not.toContain(CANARY);
});

test("a secret is not in what Node shows or hands on of it", () => {
  const kept = { key: new Secret(CANARY) };
  const shown = [
    inspect(kept),
    inspect(kept, { showHidden: true, customInspect: false, depth: 9 }),
    inspect(structuredClone(kept), { showHidden: true }),
  ];
  expect(shown[0]).toBe("{ key: [secret] }");
  expect(shown.join()).not.toContain(CANARY);
});

test("an application in another server refuses wrong settings before it makes its data folder, and takes given ones", async () => {
  const data = join(folder, "data");
  const mounted = mount(desk, { mode: "start", data, env: { DESK_KEY: "abc" }, write: () => {} });
  await expect(mounted).rejects.toMatchObject({ code: "settings-invalid" });
  expect(() => rmSync(data)).toThrow(/ENOENT/);
  const given = await mount(desk, { mode: "start", data, env: {}, settings: { key: CANARY }, write: () => {} });
  await given.stop();
});

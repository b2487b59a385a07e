import { expect, test } from "vitest";
import { Fixture } from "../check/fixture.ts";
import { configFile } from "./config-file.ts";
import type { Io } from "./io.ts";

const io = (cwd: string): Io => ({ out: () => {}, err: () => {}, cwd, env: {} });

test("the config file is found from where the user stands", () => {
  using app = new Fixture({ "banyan.config.ts": "", "other/app.ts": "" });
  expect(configFile("banyan.config.ts", io(app.folder))).toBe(app.path("banyan.config.ts"));
  expect(configFile("other/app.ts", io(app.folder))).toBe(app.path("other/app.ts"));
  expect(configFile(app.path("other/app.ts"), io("/"))).toBe(app.path("other/app.ts"));
});

test("a missing one is named, with what may have been meant", () => {
  using app = new Fixture({ "banyan.config.mts": "", "tsdown.config.ts": "", "folder/x.ts": "" });
  expect(() => configFile("banyan.config.ts", io(app.folder))).toThrow(
    `There is no file ${app.path("banyan.config.ts")}. Did you mean "banyan.config.mts"?`,
  );
  expect(() => configFile("folder", io(app.folder))).toThrow("There is no file");
  expect(() => configFile("none/banyan.config.ts", io(app.folder))).toThrow("There is no file");
});

import { expect, test } from "vitest";
import { calledFrom } from "./called-from.ts";

test.each([
  ["without npm, where the process stands", "/app", {}, "/app"],
  [
    "in a script of npm, where npm was called",
    "/app",
    { INIT_CWD: "/app/sub", npm_package_json: "/app/package.json" },
    "/app/sub",
  ],
  [
    "in what a script started elsewhere, there",
    "/other",
    { INIT_CWD: "/app/sub", npm_package_json: "/app/package.json" },
    "/other",
  ],
  ["with half of what npm sets, where the process stands", "/app", { INIT_CWD: "/app/sub" }, "/app"],
])("%s", (...row) => {
  const [, cwd, env, expected] = row;
  expect(calledFrom(cwd, env)).toBe(expected);
});

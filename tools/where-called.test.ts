import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("a script stands where npm was called, and hands that down to nobody", () => {
  const options = [
    "--import",
    join(import.meta.dirname, "where-called.ts"),
    "-p",
    "[process.cwd(), process.env.INIT_CWD]",
  ];
  const env = { ...process.env, INIT_CWD: tmpdir() };
  const { stdout } = spawnSync(process.execPath, options, { cwd: import.meta.dirname, env, encoding: "utf8" });
  expect(stdout).toContain(`'${tmpdir()}', undefined`);
});

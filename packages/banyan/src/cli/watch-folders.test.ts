import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { WatchedFolders } from "./watch-folders.ts";

test.each([
  ["as it is named", "other"],
  ["by a link", "link"],
])("the data folder is not watched, wherever it lies, %s", async (_, named) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "banyan-watch-")));
  mkdirSync(join(folder, "other", "deep"), { recursive: true });
  mkdirSync(join(folder, "others"));
  symlinkSync(join(folder, "other"), join(folder, "link"));
  const changed = new Set<string>();
  const code = Promise.withResolvers<void>();
  const folders = new WatchedFolders(join(folder, named), (path) => {
    changed.add(relative(folder, path));
    if (path.endsWith("code.ts")) code.resolve();
  });
  try {
    folders.add([join(folder, "banyan.config.ts"), join(folder, "other", "deep", "imported.ts")]);
    for (const file of ["other/owner.json", "other/deep/a.json", "others/code.ts"])
      writeFileSync(join(folder, file), "{}");
    await code.promise;
    expect([...changed]).toEqual([join("others", "code.ts")]);
  } finally {
    folders.close();
    rmSync(folder, { recursive: true });
  }
});

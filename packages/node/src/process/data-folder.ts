import { mkdirSync } from "node:fs";
import { BanyanError } from "@banyan/core";

/** Makes the data folder, for its owner only, where there is none: the application's ports may put things into it before the store opens. */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new BanyanError("data-unusable", `The data folder ${path} cannot be made: ${code}.`, { cause });
  }
}

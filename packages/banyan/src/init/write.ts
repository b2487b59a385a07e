import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BanyanError } from "@banyan/core";
import { withLines } from "./package-lines.ts";
import type { Plan } from "./plan.ts";

/** Writes the files of a plan; one that has come to be there meanwhile is left as it is, and said. */
export function writeFiles(folder: string, { files }: Plan): void {
  for (const [file, text] of files) {
    const path = join(folder, file);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text, { flag: "wx" });
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new BanyanError("init-conflict", `${path} cannot be written: ${code ?? message}.`, {
        cause,
        remedy:
          "Give a folder that this user can write; what has been written may be removed, or is refused the next time.",
      });
    }
  }
}

/** Adds what the package.json and the .gitignore lack. */
export function addLines(folder: string, plan: Plan): void {
  try {
    addTo(folder, plan);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new BanyanError("init-conflict", `The lines cannot be added in ${folder}: ${code ?? message}.`, {
      cause,
      remedy: "The files are written. Remove them, give rights to change package.json and .gitignore, and begin again.",
    });
  }
}

function addTo(folder: string, { lines, ignore }: Plan): void {
  const manifest = join(folder, "package.json");
  const text = withLines(readFileSync(manifest, "utf8"), lines);
  writeFileSync(`${manifest}.new`, text, { flag: "wx" });
  renameSync(`${manifest}.new`, manifest);
  if (ignore === undefined) return;
  const file = join(folder, ".gitignore");
  const whole = readFileSync(file, "utf8");
  appendFileSync(file, `${whole === "" || whole.endsWith("\n") ? "" : "\n"}${ignore}\n`);
}

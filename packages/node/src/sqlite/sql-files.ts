import { BanyanError, violation, type Migration } from "@banyan/core";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isMigrationName, report } from "./migrations.ts";

/** The migrations of a context: the `.sql` files of a folder, in order of name. `sqlFiles(new URL("./migrations/", import.meta.url))` */
export function sqlFiles(folder: URL): readonly Migration[] {
  const base = folder.href.endsWith("/") ? folder : new URL(`${folder.href}/`);
  const names = list(base);
  const wrong = names.filter((name) => !isMigrationName(name) || !name.endsWith(".sql"));
  report(
    wrong.map((name) =>
      violation("migration-invalid", base.pathname, `"${name}" in ${base.pathname} is not named like 001-what.sql.`),
    ),
  );
  return names.map((name) => {
    const file = fileURLToPath(new URL(name, base));
    return { name, sql: readFileSync(file, "utf8"), file };
  });
}

function list(folder: URL): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort((left, right) => (left < right ? -1 : 1));
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new BanyanError("migration-invalid", `The folder of migrations cannot be read: ${words}`, {
      cause,
      remedy: "Create the folder that `sqlFiles` names, with a first file `001-what.sql`, or name the one there is.",
    });
  }
}

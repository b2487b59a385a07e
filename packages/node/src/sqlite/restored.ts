import type { DatabaseSync } from "node:sqlite";

/** Leaves word for the next start. */
export function rememberRestore(db: DatabaseSync, from: { readonly file: string; readonly at: number }): void {
  const keep = db.prepare("INSERT OR REPLACE INTO banyan_meta (name, value) VALUES (?, ?)");
  for (const name of ["restored", "restored-unsaid"]) keep.run(name, JSON.stringify(from));
}

/** What an operator should know of a restore since the last start. That it was once restored stays in the database for good. */
export function tellRestore(db: DatabaseSync): string[] {
  const row = db.prepare("DELETE FROM banyan_meta WHERE name = 'restored-unsaid' RETURNING value").get();
  if (row === undefined) return [];
  const { file, at } = JSON.parse(String(row["value"])) as { readonly file: string; readonly at: number };
  return [
    `This data was restored from ${file} at ${new Date(at).toISOString()}; its logs have new incarnations, and what was committed after that backup is not in it.`,
  ];
}

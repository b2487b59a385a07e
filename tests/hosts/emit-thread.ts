import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { emitter } from "banyan";
import Database from "better-sqlite3";
import { Sold } from "./emit-app.ts";

// A thread of a team's own: emits one event, tells "taken" or the code of the refusal, and stays with its connection open.
const { file, library } = workerData as { readonly file: string; readonly library: "better-sqlite3" | "node:sqlite" };

const BY = { principal: "user:42", tenant: "default" };
const SALE = { till: "t1", n: 1, by: "host" } as const;
const db = library === "node:sqlite" ? new DatabaseSync(file) : new Database(file);
db.exec("PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
let said = "taken";
try {
  emitter(db)(Sold, SALE, BY);
  db.exec("COMMIT");
} catch (error) {
  db.exec("ROLLBACK");
  said = (error as { readonly code?: string }).code ?? String(error);
}
parentPort?.on("message", () => {});
parentPort?.postMessage(said);

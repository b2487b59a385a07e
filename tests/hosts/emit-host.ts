import Database from "better-sqlite3";
import { emitter } from "banyan";
import { Sold } from "./emit-app.ts";

// A team's own process: better-sqlite3, a table of its own, and of Banyan nothing but `emit`.
// node emit-host.ts FILE FROM TO [KILL]: makes so many sales, every fifth of which is rolled back; with KILL it ends itself by SIGKILL, "before" or
// "after" the COMMIT of the last one.
const [file = "", from = "0", to = "0", kill] = process.argv.slice(2);

// #region open
const db = new Database(file, { timeout: 10_000 });
db.pragma("synchronous = FULL");
const emit = emitter(db);
// #endregion
db.exec("CREATE TABLE IF NOT EXISTS shop_sale (n INTEGER PRIMARY KEY, till TEXT NOT NULL) STRICT");
const insert = db.prepare("INSERT INTO shop_sale (n, till) VALUES (?, ?)");

// #region sell
const sell = db.transaction((n: number, last: () => void) => {
  const till = `till-${n % 7}`;
  insert.run(n, till);
  emit(Sold, { till, n, by: "host" }, { principal: "job:host", tenant: "default" });
  last(); // what throws before COMMIT takes the row and the event back
});
// #endregion

function lastOf(n: number): void {
  if (kill === "before" && n === Number(to)) process.kill(process.pid, "SIGKILL");
  if (n % 5 === 0) throw new Error("rolled back");
}

for (let n = Number(from); n <= Number(to); n++) {
  try {
    sell.immediate(n, () => lastOf(n));
  } catch (error) {
    if ((error as Error).message !== "rolled back") throw error;
  }
}
if (kill === "after") process.kill(process.pid, "SIGKILL");
db.close();

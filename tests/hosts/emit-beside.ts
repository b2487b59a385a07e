import { DatabaseSync } from "node:sqlite";
import { emitter, whenFree } from "banyan";
import { Sold } from "./emit-app.ts";

export interface Beside {
  readonly sell: (n: number) => Promise<void>;
  readonly close: () => void;
}

/** A team's own code in the process that has mounted Banyan. */
export function besideBanyan(file: string): Beside {
  // #region beside
  const db = new DatabaseSync(file, { timeout: 0 }); // whenFree waits instead
  db.exec("PRAGMA synchronous = FULL");
  const emit = emitter(db);

  const sell = (n: number): Promise<void> =>
    whenFree(() => {
      db.exec("BEGIN IMMEDIATE");
      try {
        db.prepare("INSERT INTO shop_sale (n, till) VALUES (?, ?)").run(n, "t1");
        emit(Sold, { till: "t1", n, by: "host" }, { principal: "user:42", tenant: "default" });
        db.exec("COMMIT");
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    });
  // #endregion
  return { sell, close: () => db.close() };
}

import { emitter } from "banyan";
import Database from "better-sqlite3";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { Sold } from "./emit-app.ts";

const sales = sqliteTable("shop_sale", { n: integer().primaryKey(), till: text().notNull() });

export interface Till {
  readonly sell: (n: number) => void;
  readonly close: () => void;
}

/** A team's own code with Drizzle; `fail` is thrown at the end of a sale. */
export function drizzleTill(file: string, fail?: Error): Till {
  // #region drizzle
  const connection = new Database(file);
  connection.pragma("synchronous = FULL");
  const db = drizzle(connection);
  const emit = emitter(connection); // the connection that Drizzle's transactions run on

  function sell(n: number): void {
    db.transaction(
      (tx) => {
        tx.insert(sales).values({ n, till: "t1" }).run();
        emit(Sold, { till: "t1", n, by: "host" }, { principal: "user:42", tenant: "default" });
        if (fail !== undefined) throw fail;
      },
      { behavior: "immediate" },
    );
  }
  // #endregion
  return { sell, close: () => connection.close() };
}

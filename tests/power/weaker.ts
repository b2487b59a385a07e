import { DatabaseSync, StatementSync } from "node:sqlite";

// Loaded before an application, it makes SQLite acknowledge before the disk has it, and hides that: what a power-cut test has to find.

const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql.replace(/synchronous = (2|FULL)/g, "synchronous = NORMAL"));
};

const get = StatementSync.prototype.get;
Object.defineProperty(StatementSync.prototype, "get", {
  value(this: StatementSync, ...values: unknown[]): unknown {
    return this.sourceSQL === "PRAGMA synchronous" ? { synchronous: 2 } : Reflect.apply(get, this, values);
  },
});

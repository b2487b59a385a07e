/** The code of the error table that a refused statement ends with. */
export type RefusalCode =
  | "transaction-statement"
  | "table-foreign"
  | "tenant-guarded"
  | "statement-failed"
  | "not-in-unit"
  | "read-too-large"
  | "migration-invalid";

/**
 * A statement refused by our own rules, not by SQLite. It is made in the reading threads too, which load nothing but node:sqlite;
 * `statementError` turns it into the error that callers see.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.name = "Refusal";
    this.code = code;
  }
}

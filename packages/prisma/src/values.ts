import { BanyanError, type SqlResult, type SqlValue } from "@banyan/core";
import { type ArgType, type ColumnType, ColumnTypeEnum, type SqlResultSet } from "@prisma/driver-adapter-utils";

/** What Prisma asks to be bound, in the form its own adapters for SQLite store it in. */
export function parameterOf(value: unknown, type: ArgType | undefined): SqlValue {
  if (typeof value === "string") return textOf(value, type?.scalarType);
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Date) return timeOf(value);
  if (value === null || typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Uint8Array) return value;
  throw new BanyanError("statement-failed", "Prisma gave a parameter that SQLite does not hold; it has no lists.");
}

function textOf(value: string, type: ArgType["scalarType"] | undefined): SqlValue {
  if (type === "bigint") return BigInt(value);
  if (type === "int" || type === "float" || type === "decimal") return Number(value);
  if (type === "datetime") return timeOf(new Date(value));
  return type === "bytes" ? Buffer.from(value, "base64") : value;
}

/** Of fixed length, so that the order of texts is that of time. */
function timeOf(date: Date): string {
  return date.toISOString().replace("Z", "+00:00");
}

/** Prisma gives every column a name of its own, so rows may be objects. Its models know their types; what is said here is for raw queries. */
export function resultOf({ rows, insertId }: SqlResult): SqlResultSet {
  const columnNames = Object.keys(rows[0] ?? {});
  const columnTypes = columnNames.map((name) => typeOf(rows.find((row) => row[name] !== null)?.[name]));
  const values = rows.map((row) => columnNames.map((name) => row[name]));
  return { columnNames, columnTypes, rows: values, ...(insertId !== undefined && { lastInsertId: String(insertId) }) };
}

function typeOf(value: unknown): ColumnType {
  if (typeof value === "string") return ColumnTypeEnum.Text;
  if (value instanceof Uint8Array) return ColumnTypeEnum.Bytes;
  return value === undefined ? ColumnTypeEnum.Int32 : ColumnTypeEnum.UnknownNumber;
}

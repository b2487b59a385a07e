import type { ColumnDescription, TableDescription } from "@banyan/node";
import { checkedValues } from "./checked-values.ts";

/** What a column holds, as the alternatives of a TypeScript type. */
export function columnType(table: TableDescription, column: ColumnDescription): readonly string[] {
  const plain = plainType(table, column);
  const kept = table.kind === "table" ? checkedValues(table.sql, column.name) : undefined;
  const whole = kept?.every((literal) => /^["']/.test(literal) === (plain[0] === "string"));
  const only = plain.length === 1 && (plain[0] === "string" || isInteger(column.type));
  const type = kept !== undefined && whole === true && only ? [...new Set(kept)] : plain;
  return column.notNull || type.includes("unknown") ? type : [...type, "null"];
}

function plainType({ kind, strict }: TableDescription, { type }: ColumnDescription): readonly string[] {
  const declared = type.toUpperCase();
  if (strict) return STRICT[declared] ?? ["unknown"];
  return kind === "table" || isText(declared) || isInteger(declared) || isReal(declared)
    ? byAffinity(declared)
    : ["unknown"];
}

const STRICT: Readonly<Record<string, readonly string[]>> = {
  INT: ["number"],
  INTEGER: ["number"],
  REAL: ["number"],
  TEXT: ["string"],
  BLOB: ["Uint8Array"],
};

/** By the rules of https://sqlite.org/datatype3.html#determination_of_column_affinity: what SQLite turns a value into where it can. */
function byAffinity(declared: string): readonly string[] {
  if (isInteger(declared)) return ["number"];
  if (isText(declared)) return ["string"];
  if (declared === "" || declared === "ANY") return ["unknown"];
  if (declared.includes("BLOB")) return ["Uint8Array"];
  if (isReal(declared)) return ["number"];
  // a DATE may well hold a text
  return ["number", "string"];
}

function isInteger(type: string): boolean {
  return type.toUpperCase().includes("INT");
}

function isText(declared: string): boolean {
  return /CHAR|CLOB|TEXT/.test(declared);
}

function isReal(declared: string): boolean {
  return /REAL|FLOA|DOUB/.test(declared);
}

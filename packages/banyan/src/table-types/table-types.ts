import type { ColumnDescription, ContextTables, TableDescription } from "@banyan/node";
import { columnType } from "./column-type.ts";
import { quoted } from "./quoted.ts";

/** How a file that may be written over begins. */
export const MARK = "// Written by `banyan types`";
/** As wide as the formatter lets lines be. */
const WIDTH = 120;

/**
 * The source of a file that describes the tables of a context. For Kysely a column also says what may be written to it; elsewhere it is what is
 * read. The same tables give the same text.
 */
export function tableTypes({ context, tables }: ContextTables, form: "kysely" | "plain"): string {
  const columns = tables.flatMap((table) => table.columns.map((column) => wrapperOf(table, column)));
  const imports = form === "plain" ? [] : [...new Set(columns.filter((name) => name !== undefined))].sort();
  const lines = [
    `${MARK} from the migrations of "${context}". Change the migrations, and run it again.`,
    ...(imports.length === 0 ? [] : [`import type { ${imports.join(", ")} } from "kysely";`]),
    "",
    `export interface ${interfaceName(context)} {`,
    ...tables.flatMap((table) => tableLines(table, form)),
    "}",
  ];
  return `${lines.join("\n")}\n`;
}

/** `OrderItemsTables` for the context "order-items". */
function interfaceName(context: string): string {
  const words = context.split("-").map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return `${words.join("")}Tables`;
}

function tableLines(table: TableDescription, form: "kysely" | "plain"): string[] {
  const columns = table.columns.flatMap((column) => {
    const wrapper = form === "plain" ? undefined : wrapperOf(table, column);
    return columnLines(propertyName(column.name), columnType(table, column), wrapper);
  });
  return [`  ${propertyName(table.name)}: {`, ...columns, "  };"];
}

/** What Kysely has to know beyond the type that is read. */
function wrapperOf({ kind }: TableDescription, column: ColumnDescription): string | undefined {
  if (kind === "view" || column.computed) return "GeneratedAlways";
  const given = column.default !== undefined && column.default.toUpperCase() !== "NULL";
  return column.rowid || given ? "Generated" : undefined;
}

function columnLines(name: string, type: readonly string[], wrapper: string | undefined): string[] {
  const [open, close] = wrapper === undefined ? ["", ""] : [`${wrapper}<`, ">"];
  const line = `    ${name}: ${open}${type.join(" | ")}${close};`;
  if (line.length <= WIDTH) return [line];
  const alternatives = type.map((one) => `      | ${one}`);
  if (wrapper === undefined) return [`    ${name}:`, ...alternatives.slice(0, -1), `${alternatives.at(-1)};`];
  return [`    ${name}: ${open}`, ...alternatives, `    ${close};`];
}

function propertyName(name: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) ? name : quoted(name);
}

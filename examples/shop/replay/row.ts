import type { CsvFlaw, CsvRecord } from "./csv.ts";

export const columns = [
  "InvoiceNo",
  "StockCode",
  "Description",
  "Quantity",
  "InvoiceDate",
  "UnitPrice",
  "CustomerID",
  "Country",
] as const;

/** One line of an invoice, as far as the shop needs it. */
export interface Row {
  readonly invoice: string;
  readonly sku: string;
  /** Negative in cancellations and corrections. */
  readonly quantity: number;
  readonly cents: number;
  /** Milliseconds; the file says no time zone, and only differences are used. */
  readonly atMs: number;
  readonly customerId: string | undefined;
}

export type RowFlaw =
  | CsvFlaw
  | "column-count"
  | "invoice-missing"
  | "sku-missing"
  | "quantity-invalid"
  | "date-invalid"
  | "price-invalid";

export type RowReading =
  | { readonly line: number; readonly row: Row }
  | { readonly line: number; readonly flaw: RowFlaw };

export function isHeader(fields: readonly string[]): boolean {
  return fields.length === columns.length && columns.every((column, index) => fields[index] === column);
}

export function readRow(record: CsvRecord): RowReading {
  if ("flaw" in record) return record;
  const row = rowOf(record.fields);
  return typeof row === "string" ? { line: record.line, flaw: row } : { line: record.line, row };
}

function rowOf(fields: readonly string[]): Row | RowFlaw {
  if (fields.length !== columns.length) return "column-count";
  const [invoice = "", sku = "", , quantityText = "", dateText = "", priceText = "", customerText = ""] = fields;
  if (invoice === "") return "invoice-missing";
  if (sku === "") return "sku-missing";
  const quantity = quantityOf(quantityText);
  if (quantity === undefined) return "quantity-invalid";
  const atMs = timeOf(dateText);
  if (atMs === undefined) return "date-invalid";
  const cents = centsOf(priceText);
  if (cents === undefined) return "price-invalid";
  return { invoice, sku, quantity, cents, atMs, customerId: customerOf(customerText) };
}

function quantityOf(text: string): number | undefined {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Pounds as decimal text to whole pence, half up, without passing through a fraction that binary cannot hold. */
export function centsOf(text: string): number | undefined {
  const parts = /^(-?)(\d{1,10})(?:\.(\d{1,6}))?$/.exec(text);
  if (!parts) return undefined;
  const [, sign, pounds, fraction = ""] = parts;
  const tenths = Number(pounds) * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
  const cents = Math.floor((tenths + 5) / 10);
  return sign === "-" ? 0 - cents : cents;
}

const datePattern = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?$/;

function timeOf(text: string): number | undefined {
  const parts = datePattern.exec(text);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60;
  return isReal ? Date.UTC(year, month - 1, day, hour, minute, second) : undefined;
}

/** The file writes customer numbers as fractions: "17850.0". */
function customerOf(text: string): string | undefined {
  const id = text.trim().replace(/\.0+$/, "");
  return id === "" ? undefined : id;
}

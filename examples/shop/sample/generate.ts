import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue, postcard, type Product, ribbon } from "./catalogue.ts";
import { Random } from "./random.ts";

interface Line {
  readonly product: Product;
  readonly quantity: number;
  /** Differs from the product's price only where a line is worth nothing. */
  readonly cents: number;
}

interface Invoice {
  readonly number: string;
  readonly customer: string;
  readonly country: string;
  readonly lines: readonly Line[];
}

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

/** Invoices, counted from the first, whose totals make the payment provider decline, fall silent or answer twice. */
const specialTotals: ReadonlyMap<number, number> = new Map([
  [12, 40201],
  [20, 40202],
  [28, 40203],
  [70, 40201],
  [90, 40202],
  [110, 40203],
]);

/** The bundled sample: the same text on every machine. */
export function sampleCsv(): string {
  const random = new Random(20101201);
  const rows = [header];
  let minute = Date.UTC(2024, 0, 8, 8, 0) / 60_000;
  for (const invoice of sampleInvoices(random)) {
    minute += random.whole(1, 15);
    for (const line of invoice.lines) rows.push(rowOf(invoice, line, minute));
  }
  return `${rows.join("\n")}\n`;
}

function sampleInvoices(random: Random): Invoice[] {
  const invoices: Invoice[] = [];
  for (let index = 0; index < 300; index += 1) {
    const number = String(700_001 + index);
    const before = invoices.at(-1);
    if (specialTotals.has(index))
      invoices.push({ ...buyer(random), number, lines: linesOf(random, specialTotals.get(index)) });
    else if (before && isOrder(before) && random.chance(0.08)) invoices.push(returnOf(random, before, number));
    else if (random.chance(0.03)) invoices.push(correctionOf(random, number));
    else invoices.push({ ...buyer(random), number, lines: linesOf(random) });
  }
  return invoices;
}

const isOrder = (invoice: Invoice): boolean => invoice.lines.some(({ quantity }) => quantity > 0);

function buyer(random: Random): Pick<Invoice, "customer" | "country"> {
  const country = random.chance(0.85) ? "United Kingdom" : random.pick(["France", "Germany", "EIRE"]);
  return { customer: random.chance(0.2) ? "" : `${random.whole(10_001, 10_040)}.0`, country };
}

/** Random lines; with a total, filled up to it exactly. */
function linesOf(random: Random, totalCents?: number): Line[] {
  const lines: Line[] = [];
  const wanted = random.whole(2, 8);
  let left = totalCents ?? Infinity;
  while (lines.length < wanted) {
    const line = boughtLine(random);
    const after = left - line.quantity * line.cents;
    if (totalCents !== undefined && after < 1_300) break;
    left = after;
    lines.push(line);
  }
  return totalCents === undefined ? lines : [...lines, ...exactly(left)];
}

/** Cheap goods go by the half dozen. */
function boughtLine(random: Random): Line {
  const product = random.pick(catalogue);
  const quantity = random.chance(0.1) ? random.whole(10, 40) : random.whole(1, 12);
  return lineOf(product, product.cents < 100 ? quantity * 6 : quantity);
}

/** A whole number of postcards and ribbons that costs exactly `cents`; one exists from 29 * 42 on. */
function exactly(cents: number): Line[] {
  for (let postcards = 1; postcards <= ribbon.cents; postcards += 1) {
    const rest = cents - postcards * postcard.cents;
    if (rest > 0 && rest % ribbon.cents === 0)
      return [lineOf(postcard, postcards), lineOf(ribbon, rest / ribbon.cents)];
  }
  throw new Error(`${cents} pence cannot be made up of ${postcard.cents} and ${ribbon.cents}.`);
}

/** Gives back some of what the invoice before bought; now and then something it did not. */
function returnOf(random: Random, before: Invoice, number: string): Invoice {
  const given = before.lines.filter((_, index) => index === 0 || random.chance(0.3));
  const stray = random.chance(0.2) ? [lineOf(random.pick(catalogue), 1)] : [];
  const lines = [...given, ...stray].map((line) => ({ ...line, quantity: -line.quantity }));
  return { ...before, number: `C${number}`, lines };
}

/** Stock found broken: no buyer, nothing to pay. */
function correctionOf(random: Random, number: string): Invoice {
  const line = { ...lineOf(random.pick(catalogue), -random.whole(1, 30)), cents: 0 };
  return { number, customer: "", country: "United Kingdom", lines: [line] };
}

const lineOf = (product: Product, quantity: number): Line => ({ product, quantity, cents: product.cents });

function rowOf(invoice: Invoice, { product, quantity, cents }: Line, minute: number): string {
  const date = new Date(minute * 60_000).toISOString().slice(0, 19).replace("T", " ");
  const price = (cents / 100).toFixed(2);
  return [
    invoice.number,
    product.sku,
    quoted(product.name),
    quantity,
    date,
    price,
    invoice.customer,
    invoice.country,
  ].join(",");
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, "orders.csv"), sampleCsv());

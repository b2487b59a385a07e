import { uuidOf } from "./identity.ts";
import type { RowReading, Row, RowFlaw } from "./row.ts";

export interface OrderStep {
  readonly kind: "order";
  readonly invoice: string;
  readonly atMs: number;
  readonly orderId: string;
  readonly customerId: string | undefined;
  readonly lines: readonly OrderLine[];
}

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
}

/** A returned invoice: cancels the first of `candidates` that is still open when its turn comes. */
export interface CancelStep {
  readonly kind: "cancel";
  readonly invoice: string;
  readonly atMs: number;
  /** Earlier orders of the same customer with all those SKUs, latest first. */
  readonly candidates: readonly OrderStep[];
}

export type Step = OrderStep | CancelStep;

export interface StockItem {
  readonly sku: string;
  readonly quantity: number;
  readonly priceCents: number;
}

/** Why an invoice is not sent at all. */
export type InvoiceRefusal = "no-positive-line" | "too-many-lines";

export interface Malformed {
  readonly count: number;
  readonly firstLine: number;
}

export interface Plan {
  readonly rows: number;
  readonly invoices: number;
  /** In the order of the file. */
  readonly steps: readonly Step[];
  readonly stock: readonly StockItem[];
  readonly refused: ReadonlyMap<InvoiceRefusal, number>;
  readonly malformed: ReadonlyMap<RowFlaw, Malformed>;
}

export const linesPerOrder = 2_000;

interface Invoice {
  readonly number: string;
  readonly atMs: number;
  readonly customerId: string | undefined;
  /** Cancellation: the SKUs given back. Order: quantity by SKU, positive lines only. */
  readonly quantities: Map<string, number>;
}

/**
 * Turns rows into what will be asked of the shop. Rows come one at a time and only sums stay; an invoice keeps the place
 * of its first row, and rows of it that come later in the file still belong to it.
 */
export class Planner {
  readonly #limit: number;
  readonly #invoices = new Map<string, Invoice>();
  readonly #names = new Map<string, string>();
  readonly #priceCents = new Map<string, number>();
  readonly #malformed = new Map<RowFlaw, Malformed>();
  #rows = 0;
  #full = false;

  constructor(limit: number = Infinity) {
    this.#limit = limit;
  }

  add(reading: RowReading): void {
    if ("flaw" in reading) {
      if (!this.#full) this.#countFlaw(reading.flaw, reading.line);
      return;
    }
    const invoice = this.#invoices.get(reading.row.invoice) ?? this.#open(reading.row);
    if (!invoice) return;
    this.#rows += 1;
    this.#addLine(invoice, reading.row);
  }

  finish(): Plan {
    const refused = new Map<InvoiceRefusal, number>();
    const steps: Step[] = [];
    const placed = new PlacedOrders();
    for (const invoice of this.#invoices.values()) {
      const step = isCancellation(invoice) ? cancelStep(invoice, placed) : orderStep(invoice);
      if (typeof step === "string") refused.set(step, (refused.get(step) ?? 0) + 1);
      else steps.push(step);
      if (typeof step === "object" && step.kind === "order") placed.add(step);
    }
    const counts = { rows: this.#rows, invoices: this.#invoices.size };
    return { ...counts, steps, stock: this.#stock(steps), refused, malformed: this.#malformed };
  }

  /** Undefined once the limit is reached: this row belongs to an invoice that is not replayed. */
  #open(row: Row): Invoice | undefined {
    if (this.#invoices.size >= this.#limit) {
      this.#full = true;
      return undefined;
    }
    const customerId = row.customerId === undefined ? undefined : this.#name(row.customerId);
    const invoice = {
      number: this.#name(row.invoice),
      atMs: row.atMs,
      customerId,
      quantities: new Map<string, number>(),
    };
    this.#invoices.set(invoice.number, invoice);
    return invoice;
  }

  #addLine(invoice: Invoice, row: Row): void {
    const isLine = row.quantity > 0 && row.cents > 0;
    if (!isLine && !isCancellation(invoice)) return;
    const sku = this.#name(row.sku);
    invoice.quantities.set(sku, (invoice.quantities.get(sku) ?? 0) + row.quantity);
    if (isLine && !isCancellation(invoice) && !this.#priceCents.has(sku)) this.#priceCents.set(sku, row.cents);
  }

  #stock(steps: readonly Step[]): StockItem[] {
    const demand = new Map<string, number>();
    for (const step of steps) {
      if (step.kind !== "order") continue;
      for (const { sku, quantity } of step.lines) demand.set(sku, (demand.get(sku) ?? 0) + quantity);
    }
    return Array.from(demand, ([sku, wanted]) => {
      return { sku, quantity: Math.floor((wanted * 9) / 10), priceCents: this.#priceCents.get(sku) ?? 0 };
    });
  }

  #countFlaw(flaw: RowFlaw, line: number): void {
    const seen = this.#malformed.get(flaw);
    this.#malformed.set(flaw, { count: (seen?.count ?? 0) + 1, firstLine: seen?.firstLine ?? line });
  }

  /** One string per name: a slice of the file's text would keep the whole piece it came from. */
  #name(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const own = Buffer.from(text, "utf8").toString("utf8");
    this.#names.set(own, own);
    return own;
  }
}

/** Who ordered what so far, to find what a cancellation may mean. */
class PlacedOrders {
  readonly #byCustomer = new Map<string, { step: OrderStep; skus: ReadonlySet<string> }[]>();

  add(step: OrderStep): void {
    if (step.customerId === undefined) return;
    const orders = this.#byCustomer.get(step.customerId) ?? [];
    orders.push({ step, skus: new Set(step.lines.map(({ sku }) => sku)) });
    this.#byCustomer.set(step.customerId, orders);
  }

  withAll(customerId: string | undefined, skus: readonly string[]): OrderStep[] {
    if (customerId === undefined) return [];
    const orders = this.#byCustomer.get(customerId) ?? [];
    return orders
      .filter((order) => skus.every((sku) => order.skus.has(sku)))
      .map(({ step }) => step)
      .toReversed();
  }
}

const isCancellation = (invoice: Invoice): boolean => invoice.number.startsWith("C");

function cancelStep(invoice: Invoice, placed: PlacedOrders): CancelStep {
  const candidates = placed.withAll(invoice.customerId, [...invoice.quantities.keys()]);
  return { kind: "cancel", invoice: invoice.number, atMs: invoice.atMs, candidates };
}

function orderStep(invoice: Invoice): OrderStep | InvoiceRefusal {
  if (invoice.quantities.size === 0) return "no-positive-line";
  if (invoice.quantities.size > linesPerOrder) return "too-many-lines";
  const lines = Array.from(invoice.quantities, ([sku, quantity]) => ({ sku, quantity }));
  const { number, atMs, customerId } = invoice;
  return { kind: "order", invoice: number, atMs, orderId: uuidOf("order", number), customerId, lines };
}

import { setTimeout as pause } from "node:timers/promises";
import { customer, CUSTOMERS, keyOf } from "./callers.ts";
import { Connection, type Answer, type Lost } from "./connection.ts";
import { orderIdOf, Outcomes } from "./outcomes.ts";
import { Seconds, type Second } from "./seconds.ts";

/** Orders for so many whole seconds. */
export type Phase = Arriving | Taking;

/** They arrive at a rate, whatever becomes of those before them: these clients heed no `retry-after`. */
export interface Arriving {
  readonly seconds: number;
  readonly perSecond: number;
}

/** So many clients each send the next one when the last is answered. */
export interface Taking {
  readonly seconds: number;
  readonly clients: number;
}

export interface Load {
  readonly port: number;
  /** The number of this sender. */
  readonly sender: number;
  /** Where it leaves what became of each order. */
  readonly outcomes: string;
  readonly phases: readonly Phase[];
}

export interface Loaded {
  /** One for each second of all phases. */
  readonly seconds: readonly Second[];
  /** Processor time that sending took, in seconds. */
  readonly cpuS: number;
  /** The most that were open at once. */
  readonly connections: number;
}

/** Who waits for an answer goes away after so long. */
const PATIENCE_MS = 10_000;
/** As a proxy in front keeps them: who finds none free waits for one. */
const CONNECTIONS = 1_000;
const PRODUCTS = 50;

export const SKUS: readonly string[] = Array.from({ length: PRODUCTS }, (_, i) => `overload-${i}`);

interface Order {
  readonly text: string;
  readonly dueAt: number;
  readonly told: (answer: Answer | Lost) => void;
}

class Sender {
  readonly #load: Load;
  readonly #heads: readonly string[];
  readonly #free: Connection[] = [];
  readonly #all = new Set<Connection>();
  readonly #line: Order[] = [];
  readonly #outcomes = new Outcomes();
  readonly #began = performance.now();
  #waiting = 0;
  readonly seconds: Seconds = new Seconds();
  connections = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#heads = Array.from({ length: CUSTOMERS }, (_, i) => headOf(customer(i), load.port));
  }

  async run(): Promise<void> {
    let beginMs = 0;
    for (const phase of this.#load.phases) {
      const endMs = beginMs + phase.seconds * 1_000;
      await ("clients" in phase ? this.#take(phase, endMs) : this.#arrive(phase, beginMs, endMs));
      beginMs = endMs;
    }
    while (this.#waiting > 0) await pause(10);
    for (const connection of this.#all) connection.end();
    this.#outcomes.write(this.#load.outcomes);
  }

  get #nowMs(): number {
    return performance.now() - this.#began;
  }

  /** By schedule: what is late is late by its own schedule, and not by the answers. */
  async #arrive(phase: Arriving, beginMs: number, endMs: number): Promise<void> {
    for (let due = beginMs + gapMs(phase); due < endMs;) {
      const now = this.#nowMs;
      if (due > now) await pause(Math.min(due - now, 5));
      else {
        this.#send(due, () => {});
        due += gapMs(phase);
      }
    }
  }

  async #take({ clients }: Taking, endMs: number): Promise<void> {
    const again = async (answer: Answer | Lost): Promise<void> => {
      // a client that is refused at once would otherwise only ask
      if (typeof answer === "string" || answer.status >= 300) await pause(100);
      if (this.#nowMs < endMs) this.#send(this.#nowMs, (next) => void again(next));
    };
    for (let client = 0; client < clients; client++) this.#send(this.#nowMs, (answer) => void again(answer));
    await pause(endMs - this.#nowMs);
    while (this.#waiting > 0) await pause(1);
  }

  #send(dueMs: number, then: (answer: Answer | Lost) => void): void {
    const number = this.#outcomes.next();
    const head = this.#heads[Math.floor(Math.random() * CUSTOMERS)];
    this.#waiting++;
    this.seconds.sent(dueMs, this.#nowMs - dueMs);
    const told = (answer: Answer | Lost): void => {
      this.#waiting--;
      this.seconds.ended(dueMs, this.#nowMs - dueMs, answer);
      if (typeof answer !== "string") this.#outcomes.set(number, answer.status < 300 ? "acknowledged" : "refused");
      then(answer);
    };
    const text = `${head}${orderOf(orderIdOf(this.#load.sender, number))}`;
    const order = { text, dueAt: this.#began + dueMs, told };
    const connection = this.#free.pop() ?? (this.#all.size < CONNECTIONS ? this.#open() : undefined);
    if (connection === undefined) this.#line.push(order);
    else ask(connection, order);
  }

  #freed(connection: Connection): void {
    const now = performance.now();
    let next = this.#line.shift();
    for (; next !== undefined && now - next.dueAt >= PATIENCE_MS; next = this.#line.shift()) next.told("gave-up");
    if (next === undefined) this.#free.push(connection);
    else ask(connection, next);
  }

  #open(): Connection {
    const connection = new Connection({
      port: this.#load.port,
      free: (one) => this.#freed(one),
      ended: (one) => {
        this.#all.delete(one);
        const at = this.#free.indexOf(one);
        if (at >= 0) this.#free.splice(at, 1);
        if (this.#line.length > 0) this.#freed(this.#open());
      },
    });
    this.#all.add(connection);
    this.connections = Math.max(this.connections, this.#all.size);
    return connection;
  }
}

function ask(connection: Connection, { text, dueAt, told }: Order): void {
  connection.ask(text, Math.max(1, PATIENCE_MS - (performance.now() - dueAt)), told);
}

/** Between two arrivals that know nothing of one another. */
function gapMs({ perSecond }: Arriving): number {
  return (-Math.log(1 - Math.random()) / perSecond) * 1_000;
}

function headOf(id: string, port: number): string {
  return `POST /orders HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${keyOf(id)}\r\ncontent-type: application/json\r\n`;
}

function orderOf(orderId: string): string {
  const pick = (): string => SKUS[Math.floor(Math.random() * PRODUCTS)] ?? "";
  const lines = [...new Set([pick(), pick()])].map((sku) => ({ sku, quantity: 1 }));
  const body = JSON.stringify({ orderId, email: "someone@example.test", lines });
  return `idempotency-key: ${orderId}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

async function send(load: Load): Promise<Loaded> {
  const before = process.cpuUsage();
  const sender = new Sender(load);
  await sender.run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: sender.seconds.all, cpuS: (user + system) / 1e6, connections: sender.connections };
}

if (process.argv[1] === import.meta.filename) {
  process.stdout.write(JSON.stringify(await send(JSON.parse(process.argv[2] ?? "") as Load)));
}

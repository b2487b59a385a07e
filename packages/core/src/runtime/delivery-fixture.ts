import { anyone, app, context, tables, type App, type Context, type OnOptions } from "../context/index.ts";
import { command, event, type CommandContract, type EventContract, type StandardSchema } from "../contract/index.ts";

/** What travels: a key, and a number that tells entries of one key apart. */
export interface Item {
  readonly id: string;
  readonly n: number;
}

const item: StandardSchema<unknown, Item> = schemaOf((value) => {
  const { id, n } = value as Item;
  return typeof id === "string" && Number.isInteger(n) ? { id, n } : undefined;
});

export const items: StandardSchema<unknown, readonly Item[]> = schemaOf((value) =>
  Array.isArray(value) ? (value as Item[]) : undefined,
);

export const Placed: EventContract<"orders.placed", Item> = event("orders.placed", {
  version: 1,
  key: "id",
  data: item,
});
export const Place: CommandContract<"orders.place", unknown, readonly Item[], void> = command("orders.place", {
  input: items,
});

/** "orders", whose command emits an event for each item of its input. */
export function orders(contract: { readonly Placed: EventContract<"orders.placed", Item> } = { Placed }): Context {
  const whole = context("orders", { contract: { ...contract, Place }, tx: tables() });
  whole.handle(Place, { allow: anyone() }, (input, { emit }) => {
    for (const data of input) emit(contract.Placed, data);
  });
  return whole as Context;
}

type Options = Partial<OnOptions<"billing", unknown, {}, never, typeof Placed, unknown>>;

/** A subscriber "billing.note", whose body is what a test is about; its effects are rows of the table `seen`. */
export function billing(
  body: (data: Item) => unknown = () => {},
  options: Options = {},
  what: typeof Placed = Placed,
): Context {
  const whole = context("billing", { contract: {}, tx: tables() });
  whole.on(what, { name: "note", from: "start", ...options } as never, async ({ data, position }, { tx }) => {
    await tx.table("seen").set(String(position).padStart(4, "0"), `${data.id}${data.n}`);
    await body(data);
  });
  return whole as Context;
}

export const application = (...contexts: readonly Context[]): App => app({ contexts });

/** Items of these keys, numbered. */
export const numbered = (...keys: readonly string[]): Item[] => keys.map((id, n) => ({ id, n }));

function schemaOf<T>(read: (value: unknown) => T | undefined): StandardSchema<unknown, T> {
  const json = (): Record<string, unknown> => ({});
  const validate = (value: unknown): { value: T } | { issues: { message: string }[] } => {
    const found = typeof value === "object" && value !== null ? read(value) : undefined;
    return found === undefined ? { issues: [{ message: "is no such item" }] } : { value: found };
  };
  return { "~standard": { version: 1, vendor: "by hand", validate, jsonSchema: { input: json, output: json } } };
}

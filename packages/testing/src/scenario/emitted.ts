import {
  contractsOf,
  jsonCodec,
  validate,
  type App,
  type DataOf,
  type Entry,
  type EventContract,
  type Store,
} from "@banyan/core";

// oxlint-disable-next-line typescript/no-explicit-any -- its data has whatever type its contract says
export type AnyEvent = EventContract<string, any>;

/** An event of the log, as its contract reads it. */
export interface EmittedEvent<E> {
  readonly id: string;
  readonly type: E extends { readonly name: infer Name } ? Name : string;
  readonly version: number;
  readonly key: string;
  /** Virtual wall-clock milliseconds. */
  readonly at: number;
  readonly data: DataOf<E>;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
}

/** A copy of all logs of a scenario, read after each time something happened. */
export class Logs {
  readonly #store: Store;
  readonly #contracts: ReadonlyMap<string, EventContract>;
  readonly #sources: readonly string[];
  readonly #positions = new Map<string, number>();
  readonly #entries: Entry[] = [];
  /** Causes of what the test gave. */
  readonly #given = new Set<string>();

  constructor(store: Store, app: App) {
    const events = app.contexts.flatMap((context) => contractsOf(context, "event"));
    this.#store = store;
    this.#contracts = new Map(events.map((event) => [event.name, event]));
    this.#sources = app.contexts.map(({ name }) => name);
  }

  /** What this command caused was given, not emitted. */
  isGiven(commandId: string | undefined): void {
    if (commandId !== undefined) this.#given.add(commandId);
  }

  /** All there is by now was given. */
  allGiven(): void {
    for (const { causation } of this.#entries) this.#given.add(causation);
  }

  async read(): Promise<void> {
    for (const source of this.#sources) while (await this.#readOn(source));
    // Ids sort as they were made, over all contexts.
    this.#entries.sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  entry(source: string, position: number): Entry | undefined {
    return this.#entries.find((entry) => entry.source === source && entry.position === position);
  }

  /** What the application emitted, in order. */
  get emitted(): readonly EmittedEvent<EventContract>[] {
    return this.#entries.filter(({ causation }) => !this.#given.has(causation)).map((entry) => this.#event(entry));
  }

  async #readOn(source: string): Promise<boolean> {
    const after = this.#positions.get(source) ?? 0;
    const types = [...this.#contracts.keys()].filter((name) => name.startsWith(`${source}.`));
    const { entries, through } = await this.#store.fetch({ source, after, limit: 1_000, types });
    this.#positions.set(source, through);
    this.#entries.push(...entries);
    return through > after;
  }

  #event(entry: Entry): EmittedEvent<EventContract> {
    const { id, type, version, key, at, tenant, principal, correlation, causation } = entry;
    const data = this.#data(entry);
    return { id, type, version, key, at, data, tenant, principal, correlation, causation };
  }

  #data({ type, body }: Entry): unknown {
    const plain = jsonCodec.decode(body);
    const contract = this.#contracts.get(type);
    const checked = contract === undefined ? undefined : validate(contract.schema, plain);
    return checked?.ok === true ? checked.value : plain;
  }
}

import {
  DEFAULT_LIMITS,
  utf8Length,
  type App,
  type Cursor,
  type CursorPlace,
  type Entry,
  type Limits,
  type NewEntry,
  type Store,
} from "@banyan/core";
import { eventTypesOf } from "./laws/index.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Breach } from "./simulation.ts";

/** What an entry is taken to have beside its body. */
const ENVELOPE_BYTES = 256;
/** A refusal that rests on what was seen longer ago than this is one of a process that does not look. */
const LONGEST_MS = 200;
const AT_ONCE = 500;

type Place = Pick<Cursor, "subscription" | "source"> & CursorPlace;

/** One look at a log: all that is asked of it in one step. */
interface Look {
  readonly source: string;
  readonly step: number;
  readonly places: readonly Place[];
  asked: number;
  /** Bytes that waited for the reader with most before it. */
  waiting: number;
  endedMs: number;
}

export interface BacklogSurroundings {
  readonly limits: Partial<Limits>;
  readonly scheduler: Scheduler;
  readonly breach: (breach: Breach) => void;
}

/**
 * Judges whether one process refuses commands for a backlog that is there: it counts by itself, from where the process was told that its readers stand,
 * what waited when the process looked at its store just before, and what has entered since.
 */
export class BacklogWitness {
  readonly #app: App;
  readonly #around: BacklogSurroundings;
  readonly #typesOf: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #places = new Map<string, Place>();
  #untold: { readonly step: number; readonly change: () => void }[] = [];
  #appended: { readonly source: string; readonly step: number; readonly bytes: number }[] = [];
  readonly #looks = new Map<string, Look>();
  /** The latest is the last. */
  readonly #answered = new Map<string, readonly Look[]>();
  readonly #rewinding = new Set<string>();

  constructor(app: App, around: BacklogSurroundings) {
    this.#app = app;
    this.#around = around;
    const readers = app.contexts.flatMap(({ name: context, subscriptions }) =>
      subscriptions.map(
        ({ name, contracts }) => [`${context}.${name}`, new Set(contracts.map((one) => one.name))] as const,
      ),
    );
    this.#typesOf = new Map(readers);
  }

  /** A transaction is committed, and the process is told so: what it is told in a step it may know only in the next. */
  told(changes: readonly (() => void)[]): void {
    const { steps: step } = this.#around.scheduler;
    this.#untold.push(...changes.map((change) => ({ step, change })));
  }

  placed(place: Place): void {
    this.#places.set(`${place.source} ${place.subscription}`, place);
  }

  /** From when it is asked until the answer a process may say of a reader that is put back that it stands at the start. */
  async rewinds<T>(subscription: string, work: Promise<T>): Promise<T> {
    this.#rewinding.add(subscription);
    try {
      return await work;
    } finally {
      this.told([() => this.#rewinding.delete(subscription)]);
    }
  }

  renamed(subscription: string, to: string): void {
    for (const place of this.#gone(subscription)) this.placed({ ...place, subscription: to });
  }

  forgotten(subscription: string): void {
    this.#gone(subscription);
  }

  /** The same, told at once: it may count too much, and never too little. */
  appended(source: string, entries: readonly NewEntry[]): void {
    this.#appended.push({ source, step: this.#around.scheduler.steps, bytes: weightOf(entries) });
  }

  /** The process asks how much of a log waits. */
  looks(source: string): Look {
    const { steps: step } = this.#around.scheduler;
    const known = this.#looks.get(source);
    const look = known?.step === step ? known : this.#begin(source, step);
    look.asked++;
    return look;
  }

  /** In the moment in which the store counts. */
  async sees(look: Look, store: Store): Promise<void> {
    const { source, places } = look;
    const after = Math.min(...places.map(settledThrough));
    const entries = places.length === 0 ? [] : await this.#entriesAfter(store, source, after);
    for (const place of places) look.waiting = Math.max(look.waiting, this.#waitingFor(place, entries));
  }

  answered(look: Look): void {
    look.asked--;
    look.endedMs = this.#around.scheduler.ms;
    if (look.asked > 0) return;
    const before = this.#answered.get(look.source) ?? [];
    this.#answered.set(look.source, [...before.filter((one) => this.#ageOf(one) <= LONGEST_MS), look]);
  }

  /** A command of this context was refused for its backlog. */
  refused(context: string): void {
    const looks = (this.#answered.get(context) ?? []).filter((look) => this.#ageOf(look) <= LONGEST_MS);
    const found = this.#app.contexts.find(({ name }) => name === context);
    const { backlogBytes = DEFAULT_LIMITS.backlogBytes } = this.#around.limits;
    const budget = found?.backlogBytes ?? backlogBytes;
    const waiting = looks.map((look) => this.#waitingSince(look));
    if (waiting.some((bytes) => bytes >= budget)) return;
    const seen = looks.length === 0 ? "without a look at its log" : `${Math.max(...waiting)} bytes wait`;
    this.#around.breach({
      law: "back-pressure",
      message: `A command of "${context}" was refused for its backlog: ${seen}; its budget is ${budget}.`,
    });
  }

  #ageOf({ endedMs }: Look): number {
    return this.#around.scheduler.ms - endedMs;
  }

  #waitingSince({ source, step, waiting }: Look): number {
    const since = this.#appended.filter((one) => one.source === source && one.step >= step);
    return since.reduce((sum, { bytes }) => sum + bytes, waiting);
  }

  #begin(source: string, step: number): Look {
    for (const { change } of this.#untold.filter((one) => one.step < step)) change();
    this.#untold = this.#untold.filter((one) => one.step >= step);
    const oldest = this.#answered.get(source)?.[0]?.step ?? 0;
    this.#appended = this.#appended.filter((one) => one.source !== source || one.step >= oldest);
    const told = [...this.#places.values()].filter((place) => place.source === source);
    const places = told.map((place) =>
      this.#rewinding.has(place.subscription) ? { ...place, pos: 0, open: [] } : place,
    );
    const look: Look = { source, step, places, asked: 0, waiting: 0, endedMs: -Infinity };
    this.#looks.set(source, look);
    return look;
  }

  #gone(subscription: string): readonly Place[] {
    const gone = [...this.#places].filter(([, place]) => place.subscription === subscription);
    for (const [key] of gone) this.#places.delete(key);
    return gone.map(([, place]) => place);
  }

  #waitingFor(place: Place, entries: readonly Entry[]): number {
    const through = settledThrough(place);
    const types = this.#typesOf.get(place.subscription);
    return weightOf(entries.filter(({ position, type }) => position > through && types?.has(type) !== false));
  }

  async #entriesAfter(store: Store, source: string, after: number): Promise<readonly Entry[]> {
    const context = this.#app.contexts.find(({ name }) => name === source);
    const types = context === undefined ? [] : eventTypesOf(context);
    const entries: Entry[] = [];
    for (let through = after; ;) {
      const fetched = await store.fetch({ source, after: through, limit: AT_ONCE, types });
      entries.push(...fetched.entries);
      if (fetched.through <= through) return entries;
      through = fetched.through;
    }
  }
}

function settledThrough({ pos, open }: CursorPlace): number {
  return Math.min(pos, (open[0] ?? Infinity) - 1);
}

function weightOf(entries: readonly Pick<NewEntry, "body">[]): number {
  return entries.reduce((sum, { body }) => sum + utf8Length(body) + ENVELOPE_BYTES, 0);
}

import type { Cursor } from "../ports/index.ts";
import { settledThrough, type Reader } from "./places.ts";

/** A lane that runs, as far as it is a reader. */
interface Running {
  readonly subscription: string;
  readonly source: string;
  readonly place: Cursor;
  readonly settledThrough: number;
  /** Stores how far it has settled its log. */
  keepPlace(): Promise<void>;
}

export interface ReadersParts {
  readonly lanes: readonly Running[];
  /** Cursors that stand still. */
  readonly held: readonly Cursor[];
  /** What each subscription of the code reads. */
  readonly typesOf: ReadonlyMap<string, readonly string[]>;
}

/** All who read the logs of this process, running or standing still. */
export class Readers {
  readonly #parts: ReadersParts;

  constructor(parts: ReadersParts) {
    this.#parts = parts;
  }

  /** What is stored of where they stand. */
  get places(): readonly Cursor[] {
    const { lanes, held } = this.#parts;
    return [...lanes.map((lane) => lane.place), ...held];
  }

  of(source: string): readonly Reader[] {
    const { lanes, held } = this.#parts;
    const running = lanes.map((lane) => this.#reader(lane, lane.settledThrough));
    const still = held.map((place) => this.#reader(place, settledThrough(place)));
    return [...running, ...still].filter((reader) => reader.source === source);
  }

  /** Has all who read this log store how far they have settled it. */
  async keepPlaces(source: string): Promise<void> {
    const lanes = this.#parts.lanes.filter((lane) => lane.source === source);
    await Promise.all(lanes.map((lane) => lane.keepPlace()));
  }

  #reader({ subscription, source }: Pick<Reader, "subscription" | "source">, through: number): Reader {
    return { subscription, source, through, types: this.#parts.typesOf.get(subscription) };
  }
}

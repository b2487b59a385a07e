import type { Cursor, CursorMove } from "../ports/index.ts";

/**
 * Where one lane of one subscription stands. Owned by its lane; the committer asks it for moves.
 *
 * I1. Every position up to `pos` is settled, except those in `open`.
 * I2. A move is computed from the adopted place and the positions settled in one commit, and adopted only after that commit.
 * I3. `open` holds only positions that are in flight, so it never exceeds the in-flight limit.
 * I4. After a restart, refetching `open` and then everything after `pos` reaches each unsettled position once.
 */
export class LaneCursor {
  #cursor: Cursor;
  /** In order: what is fetched lies behind what was fetched before. */
  readonly #inFlight = new Set<number>();
  #through: number;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#through = cursor.pos;
    for (const position of cursor.open.toSorted((a, b) => a - b)) this.#inFlight.add(position);
  }

  get place(): Cursor {
    return this.#cursor;
  }

  /** Everything up to here has been looked at. */
  get through(): number {
    return this.#through;
  }

  /** Everything up to here was looked at, and is settled. */
  get settledThrough(): number {
    const [first = Infinity] = this.#inFlight;
    return Math.min(this.#through, first - 1);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The positions in flight, in order. */
  get unsettled(): readonly number[] {
    return [...this.#inFlight];
  }

  /** Positions that came with a fetch, and how far the fetch has looked. */
  fetched(positions: readonly number[], through: number): void {
    for (const position of positions.toSorted((a, b) => a - b)) this.#inFlight.add(position);
    this.#through = Math.max(this.#through, through);
  }

  /** The move that settles these positions. It reaches up to the first that is left in flight, or with none left as far as was looked. */
  move(settled: ReadonlySet<number>): CursorMove {
    const left = this.unsettled.filter((position) => !settled.has(position));
    let pos = Math.max(this.#cursor.pos, Math.min(this.#through, (left[0] ?? Infinity) - 1));
    for (const position of settled) pos = Math.max(pos, position);
    const { subscription, source, lane, fence } = this.#cursor;
    return { subscription, source, lane, fence, pos, open: left.filter((position) => position <= pos) };
  }

  adopt(move: CursorMove, settled: ReadonlySet<number>): void {
    for (const position of settled) this.#inFlight.delete(position);
    this.#cursor = { ...this.#cursor, pos: move.pos, open: move.open };
  }
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cursor } from "../ports/index.ts";
import { LaneCursor } from "./cursor.ts";

const AT_START: Cursor = {
  subscription: "billing.charge",
  source: "orders",
  lane: "0-255",
  incarnation: "i",
  firstName: "billing.charge",
  fence: 7,
  pos: 0,
  open: [],
};

const settled = (...positions: number[]): ReadonlySet<number> => new Set(positions);

describe("a lane's cursor", () => {
  test("moves to the highest settled position and keeps open what is behind it", () => {
    const cursor = new LaneCursor(AT_START);
    cursor.fetched([1, 2, 3, 4], 4);
    const move = cursor.move(settled(3));
    expect(move).toEqual({
      subscription: "billing.charge",
      source: "orders",
      lane: "0-255",
      fence: 7,
      pos: 3,
      open: [1, 2],
    });
  });

  test("is where it was until the move is adopted", () => {
    const cursor = new LaneCursor(AT_START);
    cursor.fetched([1, 2], 2);
    const move = cursor.move(settled(1));
    expect(cursor.place).toBe(AT_START);
    expect(cursor.inFlight).toBe(2);
    cursor.adopt(move, settled(1));
    expect(cursor.place).toEqual({ ...AT_START, pos: 1, open: [] });
    expect(cursor.inFlight).toBe(1);
  });

  test("passes over entries it does not want once nothing before them is left", () => {
    const cursor = new LaneCursor(AT_START);
    cursor.fetched([2, 5], 9);
    expect(cursor.move(settled(5))).toMatchObject({ pos: 5, open: [2] });
    expect(cursor.move(settled(2, 5))).toMatchObject({ pos: 9, open: [] });
  });

  test("stays where it is when nothing is settled", () => {
    const cursor = new LaneCursor({ ...AT_START, pos: 9, open: [4] });
    cursor.fetched([10], 10);
    expect(cursor.move(settled())).toMatchObject({ pos: 9, open: [4] });
  });

  test("begins where it was left: what was open is in flight again", () => {
    const cursor = new LaneCursor({ ...AT_START, pos: 9, open: [4, 7] });
    expect([cursor.inFlight, cursor.through]).toEqual([2, 9]);
    expect(cursor.move(settled(4))).toMatchObject({ pos: 9, open: [7] });
  });
});

const LIMIT = 4;

/** What a lane does with its cursor, against a log in which every third position is another subscription's. */
class Reader {
  stored: Cursor = AT_START;
  readonly effects: number[] = [];
  #cursor = new LaneCursor(this.stored);
  #inHand: number[] = [];
  readonly #end: number;

  constructor(end: number) {
    this.#end = end;
  }

  static wants(position: number): boolean {
    return position % 3 !== 0;
  }

  fetch(): void {
    const room = LIMIT - this.#cursor.inFlight;
    let through = this.#cursor.through;
    const found: number[] = [];
    while (through < this.#end && found.length < room) if (Reader.wants(++through)) found.push(through);
    this.#cursor.fetched(found, through);
    this.#inHand.push(...found);
  }

  /** One commit that settles some of what is in hand; a commit that fails changes nothing. */
  settle(dice: readonly boolean[], commits: boolean): void {
    const chosen = this.#inHand.filter((_, i) => dice[i] === true);
    const move = this.#cursor.move(new Set(chosen));
    if (!commits) return;
    this.effects.push(...chosen);
    this.stored = { ...this.stored, pos: move.pos, open: move.open };
    this.#cursor.adopt(move, new Set(chosen));
    this.#inHand = this.#inHand.filter((position) => !chosen.includes(position));
  }

  /** Only what was stored survives: what was open is fetched again, then everything after `pos`. */
  crash(): void {
    this.#cursor = new LaneCursor(this.stored);
    this.#inHand = [...this.stored.open];
  }

  drain(): void {
    for (let i = 0; i <= this.#end; i++) {
      this.fetch();
      this.settle(Array(LIMIT).fill(true), true);
    }
  }
}

type Step = { kind: "fetch" } | { kind: "crash" } | { kind: "settle"; dice: boolean[]; commits: boolean };

const step = fc.oneof<fc.Arbitrary<Step>[]>(
  fc.constant({ kind: "fetch" }),
  fc.constant({ kind: "crash" }),
  fc.record({
    kind: fc.constant("settle"),
    dice: fc.array(fc.boolean(), { minLength: LIMIT, maxLength: LIMIT }),
    commits: fc.boolean(),
  }),
);

test("no sequence of fetches, commits and crashes loses or repeats an entry (I1-I4)", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(30), (steps, end) => {
      const reader = new Reader(end);
      const wanted = Array.from({ length: end }, (_, i) => i + 1).filter(Reader.wants);
      for (const one of steps) {
        if (one.kind === "fetch") reader.fetch();
        else if (one.kind === "crash") reader.crash();
        else reader.settle(one.dice, one.commits);
        const { pos, open } = reader.stored;
        expect(open.length).toBeLessThanOrEqual(LIMIT);
        expect(open).toEqual(wanted.filter((position) => position <= pos && !reader.effects.includes(position)));
      }
      reader.drain();
      expect(reader.effects.toSorted((a, b) => a - b)).toEqual(wanted);
      expect(reader.stored).toMatchObject({ open: [], pos: reader.effects.length === 0 ? 0 : end });
    }),
    { numRuns: 500 },
  );
});

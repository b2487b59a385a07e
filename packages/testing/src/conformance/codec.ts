import type { Codec } from "@banyan/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

export interface CodecCase {
  readonly promise: string;
  readonly run: (codec: Codec) => void;
}

const again = (codec: Codec, value: unknown): unknown => codec.decode(codec.encode(value));

/** Every promise of the Codec port. */
export const CODEC_CASES: readonly CodecCase[] = [
  {
    promise: "every JSON value comes back as it was",
    run: (codec) => {
      // compared as text, in which there is no minus zero
      const returns = (value: unknown): void => {
        expect(JSON.stringify(again(codec, value))).toBe(JSON.stringify(value));
      };
      fc.assert(fc.property(fc.jsonValue(), returns));
    },
  },
  {
    promise: "what JSON drops is dropped, also at the top",
    run: (codec) => {
      expect(again(codec, { kept: 1, dropped: undefined, also: () => 1 })).toEqual({ kept: 1 });
      expect(again(codec, undefined)).toBeNull();
    },
  },
  {
    promise: "what JSON cannot hold is refused and not changed",
    run: (codec) => {
      const cycle: { self?: unknown } = {};
      cycle.self = cycle;
      expect(() => codec.encode(cycle)).toThrow(Error);
      expect(() => codec.encode({ big: 1n })).toThrow(Error);
    },
  },
  {
    promise: "a text that was not written by it is refused",
    run: (codec) => {
      for (const text of ["", "{", "undefined", "{'a':1}", "[1,]", "\u0000"])
        expect(() => codec.decode(text)).toThrow(Error);
    },
  },
  {
    promise: "no text reaches a prototype",
    run: (codec) => {
      const decoded = codec.decode('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
      expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  },
];

/** The suite every adapter of the Codec port must pass. */
export function codecConformance(name: string, codec: Codec): void {
  describe(`the Codec port on ${name}`, () => {
    test.each(CODEC_CASES)("$promise", ({ run }) => expect(() => run(codec)).not.toThrow());
  });
}

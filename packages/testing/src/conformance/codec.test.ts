import { jsonCodec, type Codec } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { CODEC_CASES, codecConformance } from "./codec.ts";

codecConformance("jsonCodec", jsonCodec);

const BROKEN: Readonly<Record<string, Partial<Codec>>> = {
  "forgets null": {
    encode: (value) => JSON.stringify(value, (_key, inner) => (inner === null ? undefined : inner)) ?? "null",
  },
  "encodes nothing for undefined": { encode: (value) => JSON.stringify(value) },
  "writes cycles as empty": {
    encode: (value) => {
      try {
        return jsonCodec.encode(value);
      } catch {
        return "{}";
      }
    },
  },
  "reads garbage as null": {
    decode: (text) => {
      try {
        return jsonCodec.decode(text);
      } catch {
        return null;
      }
    },
  },
  "assigns what it reads": {
    decode: (text) => Object.assign({}, ...[jsonCodec.decode(text)].map((value) => spread(value))),
  },
};

/** Copies the naive way, which takes "__proto__" for the prototype. */
function spread(value: unknown): unknown {
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value as object)) copy[key] = inner;
  return copy;
}

describe("the suite finds a codec that", () => {
  test.each(Object.entries(BROKEN))("%s", (_fault, broken) => {
    const failed = CODEC_CASES.filter(({ run }) => {
      try {
        run({ ...jsonCodec, ...broken });
        return false;
      } catch {
        return true;
      }
    });
    expect(failed.length).toBeGreaterThan(0);
  });
});

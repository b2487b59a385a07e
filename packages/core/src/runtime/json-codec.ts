import type { Codec } from "../ports/index.ts";

/** JSON text. `JSON.parse` makes "__proto__" a plain own field, so no prototype can be reached from a body. */
export const jsonCodec: Codec = {
  name: "json",
  encode: (value) => JSON.stringify(value) ?? "null",
  decode: (text) => JSON.parse(text) as unknown,
};

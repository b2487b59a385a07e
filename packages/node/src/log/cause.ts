import { asBanyanError, isBanyanError } from "@banyan/core";
import { framesOf } from "./frames.ts";
import type { LogFields } from "./log.ts";

/**
 * Why something failed, for the log. An error of the runtime has lost what is personal on its way here. Any other is of code that stands beside it (a raw
 * route, an authenticator, a body that is streamed): nobody knows what is personal in its words, so that in production only its places are told.
 */
export function causeOf(thrown: unknown, where: string, words: boolean): LogFields {
  if (words || isBanyanError(thrown)) return { cause: asBanyanError(thrown, where) };
  return { places: framesOf(thrown) };
}

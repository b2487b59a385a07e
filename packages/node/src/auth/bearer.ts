import { BanyanError } from "@banyan/core";

/** Longer ones are nobody's: they are refused before anything reads them. */
const MOST_CHARACTERS = 8_192;

const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/** The token of a bearer `authorization`; undefined where there is none of that form. */
export function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.length > MOST_CHARACTERS) return undefined;
  return BEARER.exec(authorization)?.[1];
}

/** Says nothing of what came: it may be a secret with a letter missing. */
export function invalidToken(words = "The token in `authorization` is not accepted here."): BanyanError {
  return new BanyanError("token-invalid", words);
}

import type { CryptoKey, JWTVerifyGetKey } from "jose";

/** More are not tried: each costs a signature, and who sends a token need not say which one it is. */
const MOST_TRIED = 8;

/**
 * Judges a token by the key that is its own. A provider may publish keys without names (`kid`), several at once while it changes them: then each
 * that fits is tried, until one has made the signature.
 */
export async function byFittingKey<Result>(
  find: JWTVerifyGetKey,
  judge: (find: JWTVerifyGetKey) => Promise<Result>,
): Promise<Result> {
  try {
    return await judge(find);
  } catch (several) {
    if (codeOf(several) !== "ERR_JWKS_MULTIPLE_MATCHING_KEYS") throw several;
    let tried = 0;
    for await (const key of several as AsyncIterable<CryptoKey>) {
      if (++tried > MOST_TRIED) break;
      try {
        return await judge(async () => key);
      } catch (error) {
        if (codeOf(error) !== "ERR_JWS_SIGNATURE_VERIFICATION_FAILED") throw error;
      }
    }
    throw several;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

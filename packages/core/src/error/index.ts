export { BanyanError, asBanyanError, isBanyanError, refuse } from "./banyan-error.ts";
export type { ErrorOptions, RefusalOptions, Retry } from "./banyan-error.ts";
export { ERROR_CODES } from "./codes.ts";
export type { ErrorCode, ErrorKind } from "./codes.ts";
export { didYouMean } from "./did-you-mean.ts";
export { retryAfterOf } from "./retry-after.ts";
export { messageOf, wordsOf } from "./words.ts";
export { violation, violationsError } from "./violation.ts";
export type { Violation } from "./violation.ts";

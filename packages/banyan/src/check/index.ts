export { check } from "./check.ts";
export { formatReport } from "./format.ts";
export { withRegistered } from "./registered.ts";
export type { Registered } from "./registered.ts";

export { check } from "./check.ts";
export { formatReport } from "./format.ts";

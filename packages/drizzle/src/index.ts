export { drizzle, type DrizzleDatabase } from "./drizzle.ts";
export type { DrizzleResult } from "./unit-session.ts";

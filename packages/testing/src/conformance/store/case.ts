import type { StoreWorld } from "./world.ts";

/** One promise of the port, tried. It throws where the promise is broken. */
export interface StoreCase {
  readonly promise: string;
  readonly needs?: "sessions-beside-writer" | "sql" | "tenants";
  run(world: StoreWorld): Promise<void>;
}

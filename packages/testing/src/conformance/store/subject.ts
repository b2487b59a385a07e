import type { Store, StoreFeatures } from "@banyan/core";

/** An adapter of the Store port, as the suite sees it. */
export interface StoreSubject {
  readonly name: string;
  /** What the adapter must say of itself. */
  readonly features: StoreFeatures;
  /** Whether sessions read while a transaction is open; where they take turns, the cases that need both at once are skipped and say so. */
  readonly sessionsBesideWriter: boolean;
  /** A new, empty place for data. */
  make(): Promise<StorePlace>;
}

/** Where data stays when a store is gone: a folder, a database, a disk in memory. */
export interface StorePlace {
  /** A store on what is there, not opened yet. The one given before counts as crashed: nothing of it may reach the data any more. */
  store(): Promise<Store>;
  remove(): Promise<void>;
}

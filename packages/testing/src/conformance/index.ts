export { runStoreCase, STORE_CASES, storeConformance } from "./store.ts";
export type { StoreCase, StorePlace, StoreSubject } from "./store.ts";

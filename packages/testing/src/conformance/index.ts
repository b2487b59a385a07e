export { runStoreCase, STORE_CASES, storeConformance } from "./store.ts";
export type { StoreCase, StorePlace, StoreSubject } from "./store.ts";
export { CODEC_CASES, codecConformance } from "./codec.ts";
export type { CodecCase } from "./codec.ts";

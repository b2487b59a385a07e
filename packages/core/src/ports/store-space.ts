/** Bytes that may still be written, and bytes there are in all. */
export interface StoreSpace {
  readonly free: number;
  readonly total: number;
}

import { murmur3 } from "./murmur3.ts";
import { utf8 } from "./utf8.ts";

/** Slots are fixed for ever: entries with one key share a slot, and a slot is what moves between processes. */
export const SLOT_COUNT = 256;

/** The slot of a key, 0 to 255: `murmur3_32(utf8(key), 0) & 255`. */
export function slotOf(key: string): number {
  return murmur3(utf8(key)) & (SLOT_COUNT - 1);
}

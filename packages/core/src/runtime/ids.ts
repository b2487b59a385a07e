import type { Clock, Random } from "../ports/index.ts";

/** A maker of UUIDv7s (RFC 9562) that sort in the order they were made, even when the clock stands still or goes back. */
export function ids(clock: Clock, random: Random): () => string {
  let lastMs = 0;
  let sequence = 0;
  return () => {
    const now = clock.now();
    if (now > lastMs) [lastMs, sequence] = [now, random.u32() & 0x7ff];
    else if (++sequence > 0xfff) [lastMs, sequence] = [lastMs + 1, random.u32() & 0x7ff];
    const time = lastMs.toString(16).padStart(12, "0");
    const high = (0x8000_0000 | (random.u32() & 0x3fff_ffff)) >>> 0;
    const tail = hex(high, 8) + hex(random.u32(), 8);
    return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(sequence, 3)}-${tail.slice(0, 4)}-${tail.slice(4)}`;
  };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/** Time. The core has no other; the simulation's is virtual. */
export interface Clock {
  /** Wall-clock milliseconds since 1970, UTC. May jump either way; never decides order. */
  now(): number;
  /** Milliseconds that only grow, from an arbitrary start. Durations and limits use this. */
  mono(): number;
  /** Calls `fire` once, not before `ms` have passed on `mono`. The function returned cancels it; calling that again is harmless. */
  after(ms: number, fire: () => void): () => void;
}

/** The event loop. */
export interface Turn {
  /** Resolves at the next turn: after everything that has already arrived (sockets, timers) had its say. Never in a microtask. */
  next(): Promise<void>;
}

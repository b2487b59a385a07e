/** Tells work that nobody waits for its outcome any more: whatever it waits for may as well end. `abortSignalOf` makes an `AbortSignal` of it. */
export interface Abort {
  readonly aborted: boolean;
  /** Why; undefined as long as it is not aborted. */
  readonly reason: Error | undefined;
  /** Calls `fire` once when it is aborted, at once where it has been. The function returned takes that back. */
  onAbort(fire: () => void): () => void;
}

/** Chances out of one, each at one call of a port. Every run scales them by chance and leaves some out, so that runs differ in kind. */
export interface FaultOdds {
  /** The process dies before the call takes effect, or after it but before the caller learns of it. At a commit ten times as likely. */
  readonly crash: number;
  /** The process stands still for a while, as under SIGSTOP, and goes on. */
  readonly pause: number;
  /** The process stands still, another takes over its store, and then the first goes on: only the fence stops it. */
  readonly takeover: number;
  /** The process is asked to stop, drains, and is started again. */
  readonly restart: number;
  /** The wall clock jumps by up to an hour, either way. */
  readonly clockJump: number;
  /** From here on the wall clock runs up to a twentieth too fast or too slow. */
  readonly clockDrift: number;
  /** A call takes its time. */
  readonly delay: number;
  /** A read fails and would succeed if repeated. */
  readonly readFails: number;
  /** Per commit: it fails and nothing of it is kept. */
  readonly commitFails: number;
  /** Per commit: it fails with `store-failed`; whether it was kept is decided by chance, and known after the next start. */
  readonly commitUnknown: number;
  /** Per statement of a body: it fails, and would succeed if the body ran again. */
  readonly statementFails: number;
  /** Per commit: the disk is full for up to some seconds; this commit and those that follow fail with `disk-full`, until there is room. */
  readonly diskFull: number;
  /** Per fetch: entries of different keys change places. */
  readonly reorder: number;
  /** Per command that was answered: the client sends it once more. */
  readonly repeat: number;
  /** Per command that is sent: it arrives twice, the second time up to some seconds later, at another process perhaps. */
  readonly duplicate: number;
}

export const DEFAULT_ODDS: FaultOdds = {
  crash: 0.003,
  pause: 0.001,
  takeover: 0.001,
  restart: 0.0005,
  clockJump: 0.0005,
  clockDrift: 0.0005,
  delay: 0.03,
  readFails: 0.003,
  commitFails: 0.02,
  commitUnknown: 0.005,
  statementFails: 0.003,
  diskFull: 0.008,
  reorder: 0.2,
  repeat: 0.1,
  duplicate: 0.05,
};

/** Every kind of fault left out: `{ ...NO_FAULTS, commitFails: 0.02 }` leaves one. */
export const NO_FAULTS: FaultOdds = Object.freeze(
  Object.fromEntries(Object.keys(DEFAULT_ODDS).map((fault) => [fault, 0])),
) as unknown as FaultOdds;

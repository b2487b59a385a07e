/** The limits of a runtime. Everything that could grow or wait has one. */
export interface Limits {
  /** A batch closes at so many units. */
  readonly batchUnits: number;
  /** And at so many bytes of input. */
  readonly batchBytes: number;
  /** And so long after its first unit began. */
  readonly batchMs: number;
  /** Units waiting for a batch; beyond it commands are refused as `overloaded`. */
  readonly queuedUnits: number;
  /** Commands from outside that wait for a commit at a time; fewer than `inFlight`, so that lanes keep up with them. The others wait in line. */
  readonly commandsAtOnce: number;
  /** How long one may wait in line before it is refused as `overloaded`; when the first has waited half as long, or the next would, nobody else is let in. */
  readonly commandWaitMs: number;
  /** How long a `before` may take, and a query; then it is to be tried later. */
  readonly beforeLimitMs: number;
  /** How long a body may wait for something that is not its transaction: 0 = not beyond the next turns (development). */
  readonly unitLimitMs: number;
  /** Entries a lane has fetched and not settled, at most; it begins with fewer. */
  readonly inFlight: number;
  /** So few while its handlers are slow. */
  readonly inFlightFloor: number;
  /** Bytes (UTF-8) of their bodies; one entry may go beyond it. */
  readonly inFlightBytes: number;
  /** A lane holds fewer entries while an attempt (`before`, the body and the commit) takes longer. */
  readonly attemptTargetMs: number;
  /** And while a turn of the event loop takes longer. */
  readonly loopTargetMs: number;
  /** Keys of a lane that are tried again side by side. */
  readonly retries: number;
  /** Parked entries of a lane beyond which it fetches nothing new. */
  readonly parkedRows: number;
  /** Bytes of their bodies, with the same effect. */
  readonly parkedBytes: number;
  /** A subscription is paused when so many keys, beyond those that succeed, fail for one reason. */
  readonly circuitKeys: number;
  /** Within so long. */
  readonly circuitWindowMs: number;
  /** How long a paused subscription waits before it tries one entry; doubles each time. */
  readonly circuitPauseMs: number;
  /** And no longer than this. */
  readonly circuitPauseCapMs: number;
  /** Bytes of a log that may wait for its slowest reader, where the context does not say it. */
  readonly backlogBytes: number;
  /** How long commands are slowed at most before they are refused. */
  readonly backlogDelayMs: number;
  /** With less room than this on the disk no command begins; undefined = 1 % of the disk, from 64 MiB to 1 GiB. */
  readonly diskReserveBytes: number | undefined;
  /** How long the answer to an idempotency key is kept. */
  readonly keepResultsMs: number;
  /** How long the answer to a command that a context has called is kept: an entry may be redriven late, and must not call it anew. */
  readonly keepCallsMs: number;
  /** How long a repeated key waits for the first request before it gets 409. */
  readonly inFlightWaitMs: number;
  /** How often it is looked whether entries have been kept long enough. */
  readonly retentionEveryMs: number;
  /** How often it is looked for what hosts have emitted in transactions of their own. */
  readonly elsewhereEveryMs: number;
  /** How long a stop waits for what is in flight. */
  readonly drainMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  batchUnits: 128,
  batchBytes: 4 * 1024 * 1024,
  batchMs: 4,
  queuedUnits: 10_000,
  commandsAtOnce: 64,
  commandWaitMs: 500,
  beforeLimitMs: 30_000,
  unitLimitMs: 250,
  inFlight: 128,
  inFlightFloor: 4,
  inFlightBytes: 8 * 1024 * 1024,
  attemptTargetMs: 2_000,
  loopTargetMs: 50,
  retries: 32,
  parkedRows: 10_000,
  parkedBytes: 64 * 1024 * 1024,
  circuitKeys: 20,
  circuitWindowMs: 60_000,
  circuitPauseMs: 5_000,
  circuitPauseCapMs: 300_000,
  backlogBytes: 1024 * 1024 * 1024,
  backlogDelayMs: 1_000,
  diskReserveBytes: undefined,
  keepResultsMs: 24 * 3_600_000,
  keepCallsMs: 30 * 24 * 3_600_000,
  inFlightWaitMs: 5_000,
  retentionEveryMs: 60_000,
  elsewhereEveryMs: 100,
  drainMs: 10_000,
};

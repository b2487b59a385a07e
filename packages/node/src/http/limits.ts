/** The limits of the HTTP edge. Everything that could grow or wait has one. */
export interface HttpLimits {
  /** The body of one request. */
  readonly bodyBytes: number;
  /** Request line and headers together. */
  readonly headerBytes: number;
  /** Path and query. */
  readonly urlBytes: number;
  /** The most commands of one batch. */
  readonly batchCommands: number;
  /** How deep arrays and objects of a body may be nested. */
  readonly jsonDepth: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** And to the end of its body. */
  readonly requestMs: number;
  /** How long a connection waits for its next request. */
  readonly keepAliveMs: number;
  /** How long a socket may stand still, also while it is sent an answer. */
  readonly idleMs: number;
  /** Connections that are open at once. */
  readonly sockets: number;
  /** Requests of all callers together that have no answer yet; beyond them the next are refused as `overloaded`. */
  readonly requests: number;
  /** Bytes of their bodies, with the same effect. */
  readonly bodiesBytes: number;
  /** How long a turn of the event loop may take before requests are refused as `overloaded`. */
  readonly turnMs: number;
  /** How long a stop waits for requests in flight. */
  readonly finishMs: number;
}

export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  urlBytes: 8 * 1024,
  batchCommands: 100,
  jsonDepth: 64,
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 30_000,
  idleMs: 120_000,
  sockets: 4_096,
  requests: 2_048,
  bodiesBytes: 256 * 1024 * 1024,
  turnMs: 250,
  finishMs: 10_000,
};

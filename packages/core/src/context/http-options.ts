/** What the door for HTTP is told beside who may ask. Everything that is not said is closed. */
export interface HttpOptions {
  /** Pages of other origins that may use the routes. Without it none may. */
  readonly cors?: CorsOptions;
  /** Whose `x-forwarded-for` is believed. Without it a caller's address is that of its connection. */
  readonly trustProxy?: TrustedProxies;
  /** `in-front`: something before this process ends TLS, and browsers are told to use nothing else for a year. */
  readonly tls?: "in-front";
  /** How often and how much at once one caller may ask: a principal, or the address of a guest. */
  readonly rate?: Partial<RateOptions>;
}

export interface CorsOptions {
  /** Exactly, as browsers send them: `https://app.example.com`. */
  readonly origins: readonly string[];
  /** Whether their pages may act with the session of their visitors. Default: no. */
  readonly credentials?: boolean;
  /** Request headers of the application that they may send, beside the usual ones. */
  readonly headers?: readonly string[];
}

/** So many proxies stand in front, always; or proxies are those with these addresses (or `10.0.0.0/8`). */
export type TrustedProxies = { readonly hops: number } | { readonly addresses: readonly string[] };

/** What each caller may ask. Default 100 a second, 1,000 at once after a pause, 500 without an answer; `Infinity` is no limit. */
export interface RateOptions {
  /** Requests a second in the long run. */
  readonly perSecond: number;
  /** How much may come at once after a pause. */
  readonly burst: number;
  /** Requests that have no answer yet. */
  readonly concurrent: number;
}

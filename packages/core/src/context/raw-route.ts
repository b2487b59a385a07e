import { BanyanError } from "../error/index.ts";
import type { Policy } from "./policy.ts";
import { durationMs } from "./retry.ts";
import { bytesOf } from "./size.ts";

/** Open to whoever signs what it sends. How that is verified is the matter of the door that has the route. */
export interface SignedPolicy {
  readonly policy: "signed";
  /** Whose signature: its principal is `webhook:<by>`. */
  readonly by: string;
  readonly roles: readonly string[];
}

/** What one route may take. What is not said is as in `DEFAULT_ROUTE_LIMITS`. */
export interface RouteLimitsOptions {
  /** Of the body of a request: "1MiB" where nothing is said. */
  readonly body?: string;
  /** From the request to the last byte of its answer: "30s" where nothing is said, "24h" at most. */
  readonly time?: string;
  /** Requests that have no whole answer yet: 100 where nothing is said. */
  readonly concurrent?: number;
}

export interface RouteLimits {
  readonly bodyBytes: number;
  readonly timeMs: number;
  readonly concurrent: number;
}

/** A raw route as plain data, kept untyped here: the requests and answers of HTTP are known where the door is. */
export interface RouteDefinition {
  /** `"PUT /uploads/:name"`. */
  readonly http: string;
  readonly at: string;
  readonly allow: Policy | SignedPolicy | ((asked: any) => boolean | Promise<boolean>) | undefined;
  readonly limits: RouteLimits;
  /** Plain functions around the body, the outermost first. */
  readonly around: readonly ((request: any, tools: any, next: any) => unknown)[];
  readonly body: (request: any, tools: any) => unknown;
  readonly unknownOptions: readonly string[];
}

export const ROUTE_OPTIONS: readonly string[] = ["allow", "limits", "around"];

const DAY_MS = 86_400_000;

/** Throws `config-invalid` for a limit that is none. */
export function routeLimits({ body = "1MiB", time = "30s", concurrent = 100 }: RouteLimitsOptions): RouteLimits {
  const limits = { bodyBytes: bytesOf(body), timeMs: durationMs(time), concurrent };
  const wrong =
    limits.timeMs >= 1 && limits.timeMs <= DAY_MS
      ? Number.isInteger(concurrent) && concurrent >= 1
        ? undefined
        : `\`concurrent\` is ${concurrent}, and not a whole number from 1 on`
      : `\`time\` is "${time}", and not from 1ms to 24h`;
  if (wrong === undefined) return limits;
  throw new BanyanError("config-invalid", `The limits of a route: ${wrong}.`, {
    remedy: 'Write them as `limits: { body: "200MiB", time: "10m", concurrent: 8 }`; each may be left out.',
  });
}

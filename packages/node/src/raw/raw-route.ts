import type {
  InputOf,
  OperationContract,
  OutputOf,
  Policy,
  Principal,
  RequestHeaders,
  RouteLimitsOptions,
} from "@banyan/core";
import type { Signed } from "./signed.ts";

/** The parameters of a route by name: `{ readonly name: string }` of `"PUT /uploads/:name"`. */
export type ParamsOf<What extends string> = What extends `${string}/:${infer Name}/${infer Rest}`
  ? { readonly [Key in Name]: string } & ParamsOf<`/${Rest}`>
  : What extends `${string}/:${infer Name}`
    ? { readonly [Key in Name]: string }
    : {};

/** Who asks, and for what. Headers are as handlers of contexts see them: nothing that identifies or pretends. */
export interface RouteAsked<Values, Params> {
  readonly principal: Principal;
  readonly tenant: string;
  readonly headers: RequestHeaders;
  /** Decoded. None has a slash, a backslash or a control character in it. */
  readonly params: Params;
  readonly settings: Values;
}

export interface RouteCallOptions {
  /** Tells apart several executions of one command for one request. */
  readonly key?: string;
  /** Default: that of the request. */
  readonly tenant?: string;
}

/**
 * Sends a command or query with the principal of the request; its own policy decides. A command is executed once under the id of a signed
 * delivery, or under the `idempotency-key` of the request, where there is one; with neither, each time.
 */
export type RouteCall = <O extends OperationContract>(
  what: O,
  input: NoInfer<InputOf<O>>,
  options?: RouteCallOptions,
) => Promise<OutputOf<O>>;

export interface RouteTools<Values, Params> extends RouteAsked<Values, Params> {
  readonly call: RouteCall;
  /** The data folder, "" where there is none. */
  readonly data: string;
  /** The id of a signed delivery; undefined where the route is not signed. */
  readonly delivery: string | undefined;
}

/** `request.signal` is aborted when the client is gone or the time is over. */
export type RouteBody<Values, Params> = (
  request: Request,
  tools: RouteTools<Values, Params>,
) => Response | Promise<Response>;

/** A plain function around a body, run once it is known that the caller may: `(request, tools, next) => next(request)` changes nothing. */
export type Middleware<Values = unknown, Params = {}> = (
  request: Request,
  tools: RouteTools<Values, Params>,
  next: (request: Request) => Promise<Response>,
) => Response | Promise<Response>;

export interface RouteOptions<Values, Params> {
  /** Who may use it: `anyone()`, `roles("clerk")`, a predicate over who asks and for what, or `signed("payments", …)`. */
  readonly allow: Policy | Signed<Values> | ((asked: RouteAsked<Values, Params>) => boolean | Promise<boolean>);
  readonly limits?: RouteLimitsOptions;
  /** The outermost first. */
  readonly around?: readonly Middleware<Values, Params>[];
}

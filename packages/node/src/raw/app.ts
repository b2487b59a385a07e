import {
  app as plainApp,
  callSite,
  routeLimits,
  type App,
  type AppOptions,
  type Context,
  type RouteDefinition,
} from "@banyan/core";
import type { ParamsOf, RouteBody, RouteOptions } from "./raw-route.ts";

/** An application, and its raw routes. */
export interface Application<Values = unknown> extends App {
  readonly routes: readonly RouteDefinition[];
  /**
   * Registers a raw route: `shop.route("PUT /uploads/:name", { allow: roles("clerk") }, async (request, { params }) => new Response())`. It
   * gets requests as they are and answers as it likes, both as streams; errors that it throws are told as everywhere.
   */
  route<const What extends string>(
    what: What,
    options: RouteOptions<Values, ParamsOf<What>>,
    body: RouteBody<Values, ParamsOf<What>>,
  ): void;
}

/** Puts contexts together. `export default app({ contexts: [orders, payments], topology: one() })` in `banyan.config.ts`. */
export function app<const C extends Context, Values = {}>(options: AppOptions<C, Values>): Application<Values> {
  const routes: RouteDefinition[] = [];
  return {
    ...plainApp(options),
    routes,
    route(what, { allow, limits = {}, around = [], ...others }, body) {
      const at = callSite(1);
      const unknownOptions = [
        ...Object.keys(others),
        ...Object.keys(limits)
          .filter((name) => !["body", "time", "concurrent"].includes(name))
          .map((name) => `limits.${name}`),
      ];
      routes.push({ http: what, at, allow, limits: routeLimits(limits), around, body, unknownOptions });
    },
  };
}

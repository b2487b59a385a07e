export { accepted, isAccepted } from "./answer.ts";
export type { Accepted, Answer } from "./answer.ts";
export { app, authOf, one, rolesOf } from "./app.ts";
export type { App, AppOptions, AppPorts, Authenticators, DeliveryCounts, Environment, Topology } from "./app.ts";
export { changedOne } from "./changed-one.ts";
export type { Guarded, Written } from "./changed-one.ts";
export { context, HANDLER_OPTIONS, needs } from "./context.ts";
export type {
  AnswerOptions,
  Context,
  ContextOptions,
  HandleOptions,
  Needs,
  OnOption,
  OnOptions,
  Rebuild,
} from "./context.ts";
export { CONTEXT_ROLE, contextId, isContextId } from "./context-principal.ts";
export { contractsOf, prefixOf } from "./definition.ts";
export type { CommandDefinition, ContextDefinition, QueryDefinition, SubscriptionDefinition } from "./definition.ts";
export type { SeedBy, Seeds, SeedTools } from "./seeds.ts";
export { ROUTE_OPTIONS, routeLimits } from "./raw-route.ts";
export type { RouteDefinition, RouteLimits, RouteLimitsOptions, SignedPolicy } from "./raw-route.ts";
export type { CorsOptions, HttpOptions, RateOptions, TrustedProxies } from "./http-options.ts";
export { sql, tables } from "./handle-kind.ts";
export type { HandleKind } from "./handle-kind.ts";
export { anyone, roles } from "./policy.ts";
export type { Allow, Asked, Policy, Predicate, RequestHeaders } from "./policy.ts";
export { backoff, durationMs, waitMs } from "./retry.ts";
export { bytesOf, sizeText } from "./size.ts";
export type { RetryPolicy } from "./retry.ts";
export { assertMayCross, assertTenant, isTenantName, rowsOf, TENANT_HEADER, tenantOf } from "./tenancy.ts";
export type { Crossing, TenantOptions } from "./tenancy.ts";
export type {
  Ask,
  BodyTools,
  Call,
  Callable,
  CommandBeforeTools,
  CommandTools,
  Emit,
  EventBeforeTools,
  Once,
  OnceOptions,
  QueryTools,
  RebuiltBeforeTools,
  RebuiltTools,
  Received,
  ReceivedOf,
  Refused,
} from "./tools.ts";

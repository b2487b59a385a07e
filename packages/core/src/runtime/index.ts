export type {
  DeliveryOperations,
  Operator,
  ParkedEntry,
  ParkedQuery,
  LogState,
  OnceState,
  ScheduleState,
  SubscriptionState,
} from "./delivery-operations.ts";
export { reserveOf } from "./disk-reserve.ts";
export { toCloudEvent } from "./envelope.ts";
export { faulty } from "./faults.ts";
export type { FaultOptions } from "./faults.ts";
export { toEntry } from "./envelope.ts";
export { ids } from "./ids.ts";
export { jsonCodec } from "./json-codec.ts";
export { checkedNumbers } from "./checked-limits.ts";
export { DEFAULT_LIMITS } from "./limits.ts";
export type { Limits } from "./limits.ts";
export { manifestOf } from "./manifest.ts";
export type {
  Manifest,
  ManifestContext,
  ManifestEdge,
  ManifestOperation,
  ManifestRoute,
  ManifestSetting,
} from "./manifest.ts";
export type { DryReplay, DryReplayQuery, DryReplayedEntry } from "./dry-replay.ts";
export type { Replayed } from "./replay.ts";
export type { Reply, Request } from "./request.ts";
export { operationsOf } from "./contract-checks.ts";
export { checkRegistration } from "./registration.ts";
export { parseRoute } from "./route.ts";
export type { Route } from "./route.ts";
export { stillDelivery } from "./still-delivery.ts";
export type { StillDelivery } from "./still-delivery.ts";
export type { Seeded } from "./seeding.ts";
export type { TailedEntry, TailPage, TailQuery } from "./tail.ts";
export { Runtime } from "./runtime.ts";
export type { Load, RuntimeOptions, RuntimeState, RuntimeStatus } from "./runtime.ts";

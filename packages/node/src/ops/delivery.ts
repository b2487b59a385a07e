import type { DeliveryOperations } from "@banyan/core";

/** What an operator may do with delivery: by the runtime in its own process, by the client from another. */
export type Delivery = Pick<
  DeliveryOperations,
  | "subscriptions"
  | "logs"
  | "parked"
  | "scheduled"
  | "onceRecords"
  | "skip"
  | "redrive"
  | "replay"
  | "dryReplay"
  | "tail"
  | "audit"
>;

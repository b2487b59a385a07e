export { erase, isErased } from "./erased.ts";
export type { Erased, WithErased } from "./erased.ts";
export { event, none } from "./event.ts";
export type {
  DataOf,
  EventContract,
  EventOptions,
  NoKey,
  PersonalFields,
  ReceivedDataOf,
  Samples,
  Upcasts,
} from "./event.ts";
export { fieldsOf, hasPath, jsonSchemaOf } from "./json-schema.ts";
export type { JsonSchema } from "./json-schema.ts";
export { notAccepted } from "./not-accepted.ts";
export { command, query } from "./operation.ts";
export type {
  CommandContract,
  CommandOptions,
  InputDataOf,
  InputOf,
  OperationContract,
  OutputOf,
  QueryContract,
  QueryOptions,
} from "./operation.ts";
export { isWithin, withoutPersonal } from "./personal.ts";
export { namedFields } from "./named-fields.ts";
export { personalValues } from "./personal-values.ts";
export { readEvent } from "./read-event.ts";
export type { ReadEvent } from "./read-event.ts";
export { callSite } from "./site.ts";
export type { StandardIssue, StandardProps, StandardResult, StandardSchema } from "./standard-schema.ts";
export { chainFaults, isVersion } from "./upcast.ts";
export { validate } from "./validate.ts";
export type { Issue, Validated } from "./validate.ts";

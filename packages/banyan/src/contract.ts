// What a contract file imports: no runtime, no platform, so that a browser can import the contract too.
export { command, event, none, query } from "@banyan/core/contract";
export type {
  CommandContract,
  CommandOptions,
  DataOf,
  EventContract,
  EventOptions,
  InputDataOf,
  InputOf,
  NoKey,
  OperationContract,
  OutputOf,
  PersonalFields,
  QueryContract,
  QueryOptions,
  StandardIssue,
  StandardProps,
  StandardResult,
  StandardSchema,
} from "@banyan/core/contract";

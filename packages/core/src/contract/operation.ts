import type { EventContract } from "./event.ts";
import { callSite } from "./site.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** A request with one answer. `In` is what callers send, `Data` what the handler receives, `Out` what it answers. */
interface Operation<Kind extends "command" | "query", Name extends string, In, Data, Out> {
  readonly kind: Kind;
  readonly name: Name;
  /** `"POST /orders/:orderId"`; without it the operation is for other contexts only. */
  readonly http: string | undefined;
  readonly input: StandardSchema<In, Data>;
  /** Absent = the operation answers nothing (204). */
  readonly output: StandardSchema<Out, unknown> | undefined;
  readonly at: string;
}

/** A request that may change state, once per idempotency key. */
export interface CommandContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<
  "command",
  Name,
  In,
  Data,
  Out
> {
  /** The events that end what the command began, when its answer is "accepted". */
  readonly confirms: readonly EventContract[];
}

/** A request that changes nothing. */
export interface QueryContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<
  "query",
  Name,
  In,
  Data,
  Out
> {}

export interface QueryOptions<In, Data, Out> {
  readonly http?: string;
  readonly input: StandardSchema<In, Data>;
  readonly output: StandardSchema<Out, unknown>;
}

export interface CommandOptions<In, Data, Out> {
  readonly http?: string;
  readonly input: StandardSchema<In, Data>;
  readonly output?: StandardSchema<Out, unknown>;
  readonly confirms?: readonly EventContract[];
}

export function command<const Name extends string, In, Data, Out = void>(
  name: Name,
  options: CommandOptions<In, Data, Out>,
): CommandContract<Name, In, Data, Out> {
  const { http, input, output, confirms = [] } = options;
  return { kind: "command", name, http, input, output, confirms, at: callSite(1) };
}

export function query<const Name extends string, In, Data, Out>(
  name: Name,
  options: QueryOptions<In, Data, Out>,
): QueryContract<Name, In, Data, Out> {
  const { http, input, output } = options;
  return { kind: "query", name, http, input, output, at: callSite(1) };
}

export type OperationContract = CommandContract | QueryContract;
export type InputOf<O> = O extends { readonly input: StandardSchema<infer In, any> } ? In : never;
export type InputDataOf<O> = O extends { readonly input: StandardSchema<any, infer Data> } ? Data : never;
export type OutputOf<O> =
  O extends CommandContract<string, any, any, infer Out>
    ? Out
    : O extends QueryContract<string, any, any, infer Out>
      ? Out
      : never;

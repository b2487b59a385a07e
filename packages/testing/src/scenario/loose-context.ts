import {
  context,
  type CommandContract,
  type ContextDefinition,
  type EventContract,
  type Policy,
  type QueryContract,
} from "@banyan/core";

interface LooseTools {
  readonly emit: (event: EventContract, data: unknown) => void;
  readonly before: unknown;
}

/** A context whose name is known at run time only: types cannot say whose contract is whose then, but the runtime's checks do. */
export interface LooseContext {
  readonly definition: ContextDefinition;
  handle(
    what: CommandContract,
    options: { readonly allow: Policy; readonly before?: (input: unknown) => unknown },
    body: (input: never, tools: LooseTools) => unknown,
  ): void;
  answer(what: QueryContract, options: { readonly allow: Policy }, body: (input: unknown) => unknown): void;
}

export function looseContext(name: string, contracts: readonly { readonly name: string }[]): LooseContext {
  const contract = Object.fromEntries(contracts.map((one) => [one.name, one]));
  return context(name, { contract }) as unknown as LooseContext;
}

import {
  anyone,
  BanyanError,
  validate,
  type ContextDefinition,
  type EventContract,
  type InputDataOf,
  type Issue,
  type OperationContract,
  type OutputOf,
} from "@banyan/core";
import { ownerOf } from "./given.ts";
import { looseContext } from "./loose-context.ts";
import type { Watch } from "./watch.ts";

/** An answer in place of a neighbour's. */
export interface Stub {
  readonly what: OperationContract;
  readonly answer: (input: never) => unknown;
}

/**
 * Answers an operation of a neighbour: `stub(GetPrices, ({ skus }) => ({ prices: [] }))`. It gets the input as the contract reads it; what it
 * answers must be what the contract allows. It may throw a `refuse(…)`, as the neighbour would.
 */
export function stub<O extends OperationContract>(
  what: O,
  answer: (input: InputDataOf<O>) => OutputOf<O> | Promise<OutputOf<O>>,
): Stub {
  return { what, answer };
}

/** Stubs for operations that the context does not use would never be asked. */
export function checkStubs({ name, uses }: ContextDefinition, stubs: readonly Stub[]): void {
  for (const { what } of stubs) {
    if (uses.includes(what)) continue;
    throw new BanyanError("stub-invalid", `There is a stub for "${what?.name}", which "${name}" does not use.`);
  }
}

/**
 * Contexts in place of a context's neighbours: one for each owner of something it uses or subscribes to. Their contracts are the neighbours' own
 * objects, so the runtime's checks, logs and subscriptions are those of the whole application; stubs are their handlers.
 */
export function standIns(alone: ContextDefinition, stubs: readonly Stub[], watch: Watch): readonly ContextDefinition[] {
  const needed = [...alone.uses, ...alone.subscriptions.flatMap(({ contracts }) => contracts)];
  const foreign = new Set(needed.filter(({ name }) => ownerOf(name) !== alone.name));
  const byOwner = Map.groupBy(foreign, ({ name }) => ownerOf(name));
  return Array.from(byOwner, ([owner, contracts]) => standIn({ owner, contracts, stubs, watch, of: alone.name }));
}

interface StandIn {
  readonly owner: string;
  readonly contracts: readonly (EventContract | OperationContract)[];
  readonly stubs: readonly Stub[];
  readonly watch: Watch;
  readonly of: string;
}

/** Built as any context is, so that the runtime's checks hold for it too. A stub is not a transaction: for a command it answers in `before`. */
function standIn(what: StandIn): ContextDefinition {
  const { owner, contracts } = what;
  const neighbour = looseContext(owner, contracts);
  const allow = anyone();
  for (const one of contracts) {
    const answer = one.kind === "event" ? undefined : answerOf(one, what);
    if (answer === undefined) continue;
    if (one.kind === "command") neighbour.handle(one, { allow, before: answer }, (_input, { before }) => before);
    if (one.kind === "query") neighbour.answer(one, { allow }, answer);
  }
  return neighbour.definition;
}

function answerOf(contract: OperationContract, { stubs, watch, of }: StandIn): (input: unknown) => Promise<unknown> {
  const found = stubs.findLast(({ what }) => what === contract);
  return async (input) => {
    if (found === undefined) throw watch.mistaken(missing(contract, of));
    const answer: unknown = await found.answer(input as never);
    if (contract.output === undefined) return undefined;
    const checked = validate<unknown>(contract.output, answer);
    if (!checked.ok) throw watch.mistaken(invalid(contract, checked.issues));
    return answer;
  };
}

function missing({ name }: OperationContract, caller: string): BanyanError {
  const write = `stub(${constantOf(name)}, (input) => ({ … }))`;
  return new BanyanError("stub-missing", `"${caller}" called "${name}", and no stub answers it; add ${write}.`);
}

function invalid({ name }: OperationContract, issues: readonly Issue[]): BanyanError {
  const where = issues.map(({ path, message }) => `${path === "" ? "the answer" : path}: ${message}`).join("; ");
  return new BanyanError("stub-invalid", `The stub of "${name}" answered what its contract does not allow: ${where}.`);
}

/** `inventory.get-prices` -> `GetPrices`, as contracts are called by convention. */
function constantOf(name: string): string {
  const words = name.slice(name.indexOf(".") + 1).split("-");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}

import type {
  CommandContract,
  DataOf,
  EventContract,
  InputOf,
  OperationContract,
  OutputOf,
  ReceivedDataOf,
} from "../contract/index.ts";
import type { Abort, Principal } from "../ports/index.ts";
import type { RequestHeaders } from "./policy.ts";

/** An operation a context may call: one of its own, or one its `uses` lists. Anything else reads as a sentence in the editor. */
export type Callable<
  Name extends string,
  Uses extends OperationContract,
  O extends OperationContract,
> = O["name"] extends Uses["name"]
  ? O
  : O["name"] extends `${Name}.${string}`
    ? O
    : `"${Name}" calls "${O["name"]}" without declaring it; add it to uses: [...]`;

/** Calls an operation and waits for its answer. */
export type Call<Name extends string, Uses extends OperationContract> = <O extends OperationContract>(
  what: Callable<Name, Uses, O>,
  input: NoInfer<InputOf<O>>,
) => Promise<OutputOf<O>>;

/** As `Call`, for queries only: what runs before a command may change nothing elsewhere. */
export type Ask<Name extends string, Uses extends OperationContract> = AskOf<
  Name,
  Uses,
  "before of a command may call queries only; emit an event instead"
>;

/** `Sentence` is what the editor says of a command. */
type AskOf<Name extends string, Uses extends OperationContract, Sentence extends string> = <
  O extends OperationContract,
>(
  what: O extends CommandContract ? Sentence : Callable<Name, Uses, O>,
  input: NoInfer<InputOf<O>>,
) => Promise<OutputOf<O>>;

/**
 * Appends an event to the context's log, in the commit of the unit. Synchronous; the disk has it when the unit has committed. With `due` (wall-clock
 * milliseconds) it enters the log then: not before, once, and after what is appended until then. `emit(CartExpired, data, { due: now + 86_400_000 })`.
 */
export type Emit<Name extends string> = <E extends EventContract<string, any>>(
  what: E extends EventContract<`${Name}.${string}`, any, string>
    ? E
    : `only its owner may emit "${E["name"]}"; "${Name}" may subscribe to it`,
  data: NoInfer<DataOf<E>>,
  when?: { readonly due: number },
) => void;

/** An event as a subscription receives it. */
export interface Received<E> {
  readonly id: string;
  readonly type: E extends EventContract<infer Type, any, string> ? Type : string;
  /** The version it was written in; `data` is as the reader's contract has it. */
  readonly version: number;
  readonly key: string;
  /** Wall-clock milliseconds at which it was emitted. */
  readonly at: number;
  readonly data: ReceivedDataOf<E>;
  readonly source: string;
  readonly position: number;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
}

/** One of several events, told apart by its `type`. */
export type ReceivedOf<E> = E extends unknown ? Received<E> : never;

interface OutsideTransaction<Read, Ports> {
  /** The context's tables, read-only, in one consistent view. What it shows may be stale when the body runs. */
  readonly read: Read;
  /** What the application gave this context to reach the outside. */
  readonly ports: Ports;
  readonly tenant: string;
  /** Aborted when nobody waits any more: at the limit, when whoever asked is gone, when the process halts. */
  readonly abort: Abort;
}

/** What `before` of a command gets: it runs in parallel with others, outside any transaction, and hands its result to the body. */
export interface CommandBeforeTools<
  Name extends string,
  Read,
  Ports,
  Uses extends OperationContract,
> extends OutsideTransaction<Read, Ports> {
  readonly call: Ask<Name, Uses>;
  readonly principal: Principal;
  readonly headers: RequestHeaders;
}

export interface OnceOptions<T> {
  /** The outside recognises the key: what was begun and never heard of again is simply asked for again. */
  readonly idempotent?: boolean;
  /** Asks the outside what became of the act under this key. Undefined = it never arrived there, and is made now. */
  readonly reconcile?: (tools: { readonly key: string }) => Promise<{ readonly outcome: T } | undefined>;
}

/**
 * Acts outside, with a key that is the same in every attempt, and remembers the outcome: whatever happens, a later attempt gets that outcome and does
 * not act again. What `act` throws is tried again with the same key; a refusal it returns (`return refuse(…)`) is an outcome. After a crash in
 * the middle nobody knows what happened: `reconcile` asks, `idempotent: true` repeats, and without either the entry is parked as dead
 * with `outcome-unknown`. Outcomes are JSON; another one ends the entry with `outcome-invalid`. One name once per entry, and awaited.
 */
export type Once = <T>(
  name: string,
  options: OnceOptions<T>,
  act: (tools: { readonly key: string }) => T | Promise<T>,
) => Promise<T>;

/** What `before` of a subscription gets: the place for everything that is not the transaction. */
export interface EventBeforeTools<
  Name extends string,
  Read,
  Ports,
  Uses extends OperationContract,
> extends OutsideTransaction<Read, Ports> {
  /** A command is executed once for this entry, however often it is tried, as long as every attempt calls it with the same input. */
  readonly call: Call<Name, Uses>;
  readonly once: Once;
  /** Stable for this entry and subscription: the key under which to act outside, so that a repeat is recognised. */
  readonly stableKey: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** What is not to be called: the editor answers every call with the sentence, and so does the run in its way. */
export type Refused<Sentence extends string> = (what: Sentence, ...rest: unknown[]) => never;

/** As `EventBeforeTools`, for a subscription that declares `rebuild`: made anew, it would act again. */
export interface RebuiltBeforeTools<
  Name extends string,
  Read,
  Ports,
  Uses extends OperationContract,
> extends OutsideTransaction<Read, Ports> {
  readonly call: AskOf<Name, Uses, "a subscription with `rebuild` may call queries only; call commands in another one">;
  readonly once: Refused<"a subscription with `rebuild` may not act outside; do it in another one">;
  /** 1 for the first attempt. */
  readonly attempt: number;
}

/** What a body gets: the transaction and nothing else. It runs alone and may run more than once before it commits. */
export interface BodyTools<Name extends string, Tx, Before> {
  readonly tx: Tx;
  readonly emit: Emit<Name>;
  /** A UUIDv7. */
  readonly newId: () => string;
  /** Wall-clock milliseconds at which this run of the body began. */
  readonly now: number;
  readonly before: Before;
  readonly tenant: string;
}

/** As `BodyTools`, for a subscription that declares `rebuild`. */
export interface RebuiltTools<Name extends string, Tx, Before> extends Omit<BodyTools<Name, Tx, Before>, "emit"> {
  readonly emit: Refused<"a subscription with `rebuild` may not emit; do it in another one">;
}

export interface CommandTools<Name extends string, Tx, Before> extends BodyTools<Name, Tx, Before> {
  readonly principal: Principal;
  /** Fixed at the first execution whose record is kept; the causation of the events emitted here. */
  readonly commandId: string;
}

/** What a query gets: it may change nothing. */
export interface QueryTools<
  Name extends string,
  Read,
  Ports,
  Uses extends OperationContract,
> extends OutsideTransaction<Read, Ports> {
  readonly call: Ask<Name, Uses>;
  readonly principal: Principal;
  readonly headers: RequestHeaders;
}

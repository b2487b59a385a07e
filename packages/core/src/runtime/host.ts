import type { ContextDefinition, Crossing } from "../context/index.ts";
import { CONTEXT_ROLE, contextId, contractsOf } from "../context/index.ts";
import type { EventContract, OperationContract } from "../contract/index.ts";
import { validate } from "../contract/index.ts";
import { BanyanError, asBanyanError, wordsOf } from "../error/index.ts";
import { sha256 } from "../hash/index.ts";
import {
  EVERY_TENANT,
  isInstant,
  type NewEntry,
  type Origin,
  type Platform,
  type Principal,
  type RawHandle,
  type StoreTransaction,
} from "../ports/index.ts";
import { toEntry } from "./envelope.ts";
import { takingBack } from "./inner-part.ts";
import type { BoundedWork, WorkScope } from "./bounded-work.ts";
import type { Intake } from "./intake.ts";
import type { Limits } from "./limits.ts";
import type { LoopDelay } from "./loop-delay.ts";
import type { StallWatch } from "./stall-watch.ts";
import type { Turnstile } from "./turnstile.ts";
import { ReadScope } from "./read-scope.ts";
import { asAnswerTo } from "./refused-calls.ts";
import type { Emitted, UnitEffects } from "./unit.ts";

/** What every part of the runtime needs: the outside, the limits, ids, and a way to reach other contexts. */
export interface Surroundings {
  readonly platform: Platform;
  readonly limits: Limits;
  readonly loopDelay: LoopDelay;
  readonly intake: Pick<Intake, "admit" | "confirm">;
  readonly turnstile: Turnstile;
  readonly newId: () => string;
  /** Where `before`, `allow` and queries run. */
  readonly bounded: BoundedWork;
  /** Sends a command or query to the context that owns it. Input and answer are encoded. */
  readonly send: NonNullable<Platform["calls"]>["send"];
}

export interface BodyRun {
  readonly name: string;
  readonly origin: Origin;
  /** What the body gets besides `tx`, `emit`, `newId` and `now`. */
  readonly tools: Readonly<Record<string, unknown>>;
  readonly body: (tools: object) => unknown;
  /** Unless it is false, it may emit. */
  readonly emits?: boolean;
  /** Whose rows it reaches in tenant tables; those of the origin's tenant where nothing is said. */
  readonly rows?: string;
}

/** One context at run time: its definition, its ports, and how its bodies, reads and calls are run. */
export class Host {
  readonly definition: ContextDefinition;
  readonly name: string;
  readonly ports: unknown;
  readonly #around: Surroundings;
  readonly #events: ReadonlyMap<string, EventContract>;
  readonly #callable: ReadonlySet<string>;

  constructor(definition: ContextDefinition, ports: unknown, around: Surroundings) {
    this.definition = definition;
    this.name = definition.name;
    this.ports = ports;
    this.#around = around;
    this.#events = new Map(contractsOf(definition, "event").map((event) => [event.name, event]));
    this.#callable = new Set(definition.uses.map((use) => use.name));
  }

  /** Runs a body inside a transaction and returns what it answered and emitted; its own writes are in the transaction already. */
  async runBody(run: BodyRun, transaction: StoreTransaction, watch: StallWatch): Promise<UnitEffects<unknown>> {
    const handle = transaction.unit(this.name, run.name, run.rows ?? run.origin.tenant);
    const scope = new BodyScope(this, run, handle.raw);
    let value: unknown;
    try {
      value = await watch.until(run.name, handle, Promise.resolve(run.body(scope.tools)));
    } catch (error) {
      scope.close();
      endQuietly(handle);
      throw asBanyanError(error, `"${run.name}"`);
    }
    scope.close();
    // who was told of a failed statement is known a turn later; hardly any body goes on after one
    if ((handle.activity().failed ?? 0) > 0) await this.#around.platform.turn.next();
    handle.end();
    return { value, emitted: scope.emitted };
  }

  /** One entry for `emit`, refused when the event is not this context's. */
  entryOf(contract: EventContract, data: unknown, origin: Origin): NewEntry {
    // a misspelt member of the contract's module is undefined
    if (contract === undefined) throw nothingEmitted(this.name);
    if (this.#events.get(contract.name) !== contract) {
      throw new BanyanError(
        "event-foreign",
        `"${this.name}" emitted "${contract.name}", which its contract does not export.`,
      );
    }
    const { platform, newId } = this.#around;
    return toEntry(contract, data, { id: newId(), at: platform.clock.now(), origin, codec: platform.codec });
  }

  get newId(): () => string {
    return this.#around.newId;
  }

  now(): number {
    return this.#around.platform.clock.now();
  }

  /** A read-only view, of these tenants' rows, that opens at first use; whoever opens the scope closes it. */
  reads(rows: string, nested = false): ReadScope {
    return new ReadScope(this.#around.platform, { definition: this.definition, rows, nested });
  }

  /** `call` for this context, through the codec even in one process, so that nothing passes that a wire would not carry. */
  caller(
    origin: Origin,
    options: {
      readonly scope: WorkScope;
      readonly commands: boolean;
      readonly stableKey?: string;
      readonly across?: Crossing;
    },
  ): (what: OperationContract, input: unknown) => Promise<unknown> {
    const { platform, send } = this.#around;
    const principal = { id: contextId(this.name), roles: [CONTEXT_ROLE], tenants: tenantsOf(origin, options.across) };
    const keyOf = callKeys(options.stableKey);
    return async (what, input) => {
      options.scope.check("call");
      this.#checkCall(what, options.commands);
      const encoded = platform.codec.encode(input);
      const idempotencyKey = what.kind === "command" ? keyOf(what.name, encoded) : undefined;
      const request = {
        operation: what.name,
        input: encoded,
        principal,
        origin: { ...origin, principal: principal.id },
        idempotencyKey,
        abort: options.scope,
      };
      const scope = { tenant: origin.tenant, principal: principal.id, operation: what.name, key: idempotencyKey ?? "" };
      const answer = await send(request).catch((error: unknown) => {
        throw idempotencyKey === undefined ? error : asAnswerTo(scope, error);
      });
      return this.#checkedAnswer(what, platform.codec.decode(answer));
    };
  }

  #checkedAnswer({ name, output }: OperationContract, answer: unknown): unknown {
    if (output === undefined) return undefined;
    const checked = validate(output, answer);
    if (checked.ok) return checked.value;
    const words = `"${name}" answered "${this.name}" something its contract does not allow.`;
    throw new BanyanError("output-invalid", words, { details: { issues: checked.issues } });
  }

  #checkCall(what: OperationContract, commands: boolean): void {
    const own = what.name.startsWith(`${this.name}.`);
    if (!own && !this.#callable.has(what.name)) {
      throw new BanyanError(
        "call-undeclared",
        `"${this.name}" calls "${what.name}", which its \`uses\` does not list.`,
      );
    }
    if (what.kind === "command" && !commands) {
      throw new BanyanError(
        "call-command-in-before",
        `"${this.name}" calls the command "${what.name}" where only queries may be called.`,
      );
    }
  }
}

/** A context is of the tenant it works for, so that no call leads to another's data; of all where the caller works across them. */
function tenantsOf({ tenant }: Origin, across: Crossing = {}): NonNullable<Principal["tenants"]> {
  return across.tenants === EVERY_TENANT ? EVERY_TENANT : [tenant];
}

/**
 * The idempotency key of each call of a command, by its name, its input and how often the same was called before: another attempt
 * makes the same ones, in whatever order it calls.
 */
function callKeys(stableKey: string | undefined): (name: string, input: string) => string | undefined {
  const calls = new Map<string, number>();
  return (name, input) => {
    if (stableKey === undefined) return undefined;
    const same = `${name}:${sha256(input).slice(0, 32)}`;
    const call = (calls.get(same) ?? 0) + 1;
    calls.set(same, call);
    return `${stableKey}:${same}:${call}`;
  };
}

function nothingEmitted(context: string): BanyanError {
  return new BanyanError("event-foreign", `"${context}" called \`emit\` with undefined in the place of an event.`, {
    remedy: "Give it an event that the contract exports; its name may be misspelt where `emit` is called.",
  });
}

/**
 * One run of a body. What it has emitted is kept here, out of the reach of its tools: nothing but `emit` adds to it, since an entry says of itself
 * whose it is and who caused it.
 */
class BodyScope {
  readonly emitted: Emitted[] = [];
  /** What the body gets: `tx` is bound when it is first asked for. */
  readonly tools: object;
  readonly #host: Host;
  readonly #run: BodyRun;
  #open = true;

  constructor(host: Host, run: BodyRun, raw: RawHandle) {
    this.#host = host;
    this.#run = run;
    const { handle } = host.definition;
    let bound: unknown;
    const tx = (): unknown => (bound ??= handle.bind(takingBack(raw, this.emitted)));
    const emit: Emitting = (contract, data, when) => this.#emit(contract, data, when);
    const tools = { ...run.tools, now: host.now(), newId: host.newId, emit };
    this.tools = Object.freeze(Object.defineProperty(tools, "tx", { get: tx, enumerable: true }));
  }

  /** Nothing more can be emitted. */
  close(): void {
    this.#open = false;
  }

  #emit(contract: EventContract, data: unknown, when?: { readonly due: number }): void {
    const { name, origin, emits } = this.#run;
    if (!this.#open) throw new BanyanError("body-ended", `"${name}" emitted "${contract?.name}" after it had ended.`);
    if (emits === false)
      throw new BanyanError("rebuild-acts", `"${name}" declares \`rebuild\` and emitted "${contract?.name}".`);
    const entry = this.#host.entryOf(contract, data, origin);
    this.emitted.push(when === undefined ? entry : { ...entry, due: dueOf(contract, when.due) });
  }
}

type Emitting = (contract: EventContract, data: unknown, when?: { readonly due: number }) => void;

/** A time that a date can name. One that has passed is due at once. */
function dueOf({ name }: EventContract, due: unknown): number {
  const whole = typeof due === "number" ? Math.ceil(due) + 0 : undefined;
  if (isInstant(whole)) return whole;
  throw new BanyanError("due-invalid", `"${name}" was scheduled for ${wordsOf(due)}, which is no time.`);
}

function endQuietly(handle: { end(): void }): void {
  try {
    handle.end();
  } catch {
    // The body's own error is the one to tell.
  }
}

import { isContextId, rowsOf, type CommandDefinition } from "../context/index.ts";
import { BanyanError, asBanyanError, isBanyanError } from "../error/index.ts";
import { canonicalJson, sha256, utf8Length } from "../hash/index.ts";
import type { CommandRecord, CommandScope } from "../ports/index.ts";
import { storedAnswer, withUnstored, type Answered } from "./answers.ts";
import { revivedError, storedError } from "./command-records.ts";
import type { Committer } from "./committer.ts";
import type { Host, Surroundings } from "./host.ts";
import { InFlightKeys } from "./in-flight-keys.ts";
import { originOf, type Reply, type Request, type Run } from "./request.ts";
import type { Place } from "./turnstile.ts";
import type { Unit } from "./unit.ts";

interface Execution {
  readonly commandId: string;
  /** Undefined where it stands in no line. */
  readonly place: Place | undefined;
  /** Size of the input. */
  readonly bytes: number;
  /** The idempotency key it is executed under, in its scope, and what the input was. */
  readonly under: Keyed | undefined;
}

interface Under {
  readonly under: Keyed;
}

interface Keyed {
  readonly scope: CommandScope;
  readonly digest: string;
  readonly keepMs: number;
}

/** Another request has, or had, the key: what is recorded may be this one's answer all the same. */
const CONTESTED: ReadonlySet<string> = new Set(["in-flight", "idempotency-key-reused"]);

/**
 * Executes commands that have been admitted: `before`, body, and what is kept of them.
 *
 * I1. Under one key of one scope one execution is kept. Its record is in the commit of its effects, or in one of its own where it was refused for good.
 * I2. What is recorded is the answer, whoever recorded it: an execution that another one outran changes nothing, and gives the other's answer.
 * I3. What may be mended by asking again is never recorded.
 */
export class Commands {
  readonly #around: Surroundings;
  readonly #committer: Committer;
  readonly #keys: InFlightKeys;

  constructor(around: Surroundings, committer: Committer) {
    this.#around = around;
    this.#committer = committer;
    this.#keys = new InFlightKeys(around.platform.clock, around.limits.inFlightWaitMs);
  }

  async execute(definition: CommandDefinition, run: Run, commandId: string): Promise<Reply> {
    const place = drains(definition, run.request) ? undefined : this.#around.turnstile.come();
    try {
      return await this.#admitted(definition, run, { commandId, place });
    } finally {
      place?.leave();
    }
  }

  async #admitted(
    definition: CommandDefinition,
    run: Run,
    admitted: Pick<Execution, "commandId" | "place">,
  ): Promise<Reply> {
    const { request } = run;
    if (this.#committer.queued >= this.#around.limits.queuedUnits) {
      throw new BanyanError("overloaded", "More commands wait than this process accepts.", { retryAfterMs: 1_000 });
    }
    const text = canonicalJson(request.input);
    const execution = { ...admitted, bytes: utf8Length(text), under: undefined };
    if (request.idempotencyKey === undefined) return this.#execute(definition, run, execution);
    const { keepCallsMs, keepResultsMs } = this.#around.limits;
    const { keepMs = isContextId(request.principal.id) ? keepCallsMs : keepResultsMs } = request;
    const under = { scope: scopeOf(request, request.idempotencyKey), digest: sha256(text), keepMs };
    return this.#executeUnder(definition, run, { ...execution, under });
  }

  async #executeUnder(definition: CommandDefinition, run: Run, execution: Execution & Under): Promise<Reply> {
    const { under } = execution;
    const alone = async (): Promise<Reply> =>
      (await this.#recorded(under, definition, run)) ?? this.#execute(definition, run, execution);
    try {
      return await this.#keys.alone(under.scope, under.digest, alone);
    } catch (error) {
      const contested = isBanyanError(error) && CONTESTED.has(error.code);
      const recorded = contested ? await this.#recorded(under, definition, run) : undefined;
      if (recorded !== undefined) return recorded;
      throw error;
    }
  }

  /** The recorded answer; throws where that is a refusal, or belongs to another input. */
  async #recorded(under: Keyed, definition: CommandDefinition, { host }: Run): Promise<Reply | undefined> {
    const record = await this.#around.platform.store.recall(under.scope);
    if (record === undefined) return undefined;
    if (record.digest !== under.digest) throw keyReusedError(record.operation);
    const stored = this.#around.platform.codec.decode(record.body);
    if (record.outcome === "error") throw revivedError(stored);
    const { answer, value } = stored as Answered;
    return { answer, value: withUnstored(definition, host, value), commandId: record.commandId, replayed: true };
  }

  async #execute(definition: CommandDefinition, run: Run, execution: Execution): Promise<Reply> {
    if (!drains(definition, run.request)) await this.#around.intake.admit(run.host.name);
    try {
      const before = await this.#before(definition, run, execution.commandId);
      return await this.#body(definition, run, { ...execution, before });
    } catch (thrown) {
      const error = asBanyanError(thrown, `"${run.request.operation}"`);
      const isAnswer = error.retry === "never" && error.kind !== "internal";
      const record = isAnswer ? this.#recordOf(execution, "error", storedError(error)) : undefined;
      if (record !== undefined) await this.#keep(run.host, record);
      throw error;
    }
  }

  async #before(
    definition: CommandDefinition,
    { host, request, input, reads }: Run,
    commandId: string,
  ): Promise<unknown> {
    try {
      if (definition.before === undefined) return undefined;
      const { principal, tenant, headers } = request;
      const bounds = { what: `before of "${request.operation}"`, asker: request.abort };
      return await this.#around.bounded.run(bounds, (scope) => {
        const call = host.caller(originOf(request, commandId), { scope, commands: false, across: definition });
        const tools = { call, principal, tenant, headers, ports: host.ports, read: reads.read, abort: scope };
        return definition.before?.(input, tools);
      });
    } finally {
      // Also when `before` refuses: whoever reads on must not make the commit wait that comes next.
      await reads.end();
    }
  }

  async #body(definition: CommandDefinition, run: Run, execution: Execution & { before: unknown }): Promise<Reply> {
    const { host, request, input } = run;
    const { commandId, place, bytes, before } = execution;
    const { principal, tenant, operation: name } = request;
    const tools = { before, principal, tenant, commandId };
    const body = (all: object): unknown => definition.body(input, all);
    const rows = rowsOf(definition, tenant);
    const bodyRun = { name, origin: originOf(request, commandId), tools, body, rows };
    const unit: Unit<Answered> = {
      name,
      context: host.name,
      bytes,
      run: async (transaction, watch) => {
        const { value, emitted } = await host.runBody(bodyRun, transaction, watch);
        const answered = storedAnswer(definition, host, value);
        const record = this.#recordOf(execution, "result", answered);
        if (record !== undefined && !(await transaction.remember(record))) throw outrunError();
        return { value: answered, emitted };
      },
    };
    const submit = (): Promise<Answered> => this.#committer.submit(unit);
    const confirmed = async (): Promise<Answered> => (await this.#around.intake.confirm(host.name), submit());
    const stored = await (place === undefined ? submit() : place.pass(confirmed));
    return { answer: stored.answer, value: withUnstored(definition, host, stored.value), commandId, replayed: false };
  }

  async #keep(host: Host, record: CommandRecord): Promise<void> {
    await this.#committer.submit({
      name: record.operation,
      context: host.name,
      bytes: utf8Length(record.body),
      run: async (transaction) => {
        if (!(await transaction.remember(record))) throw outrunError();
        return { value: undefined, emitted: [] };
      },
    });
  }

  /** What is kept of an execution; nothing without an idempotency key. */
  #recordOf(execution: Execution, outcome: CommandRecord["outcome"], value: unknown): CommandRecord | undefined {
    if (execution.under === undefined) return undefined;
    const { clock, codec } = this.#around.platform;
    const { scope, digest, keepMs } = execution.under;
    const at = clock.now();
    const expires = Math.min(at + keepMs, Number.MAX_SAFE_INTEGER);
    return { ...scope, digest, commandId: execution.commandId, outcome, body: codec.encode(value), at, expires };
  }
}

/** It is never held up. Asked by a context it may be what drains, and whoever waits for it holds others up. */
function drains(definition: CommandDefinition, { nested, principal }: Request): boolean {
  return definition.drains === true || nested === true || isContextId(principal.id);
}

function scopeOf({ tenant, principal, operation }: Request, key: string): CommandScope {
  return { tenant, principal: principal.id, operation, key };
}

function keyReusedError(operation: string): BanyanError {
  return new BanyanError(
    "idempotency-key-reused",
    `This idempotency key came with another input of "${operation}" before.`,
  );
}

function outrunError(): BanyanError {
  return new BanyanError("in-flight", "This key was executed meanwhile.", { retryAfterMs: 100 });
}

import type { CommandDefinition, Policy, Predicate, QueryDefinition, RequestHeaders } from "../context/index.ts";
import { validate, type OperationContract } from "../contract/index.ts";
import { BanyanError, asBanyanError } from "../error/index.ts";
import { canonicalJson, sha256 } from "../hash/index.ts";
import type { CommandRecord, CommandScope, Origin, Principal } from "../ports/index.ts";
import { checkedOutput, storedAnswer, withUnstored, type Answered } from "./answers.ts";
import { revivedError, storedError } from "./command-records.ts";
import type { Committer } from "./committer.ts";
import { within } from "./deferred.ts";
import type { Host, Surroundings } from "./host.ts";
import { InFlightKeys } from "./in-flight-keys.ts";
import type { ReadScope } from "./read-scope.ts";

/** A command or query as it comes through a door. `input` is decoded and not yet trusted. */
export interface Request {
  readonly operation: string;
  readonly input: unknown;
  readonly principal: Principal;
  readonly tenant: string;
  readonly headers: RequestHeaders;
  readonly idempotencyKey?: string | undefined;
  /** Asked by a context that may be reading itself. */
  readonly nested?: boolean;
  readonly correlation?: string | undefined;
  readonly traceparent?: string | undefined;
}

export interface Reply extends Answered {
  /** For commands: the same for every repeat under one idempotency key. */
  readonly commandId: string | undefined;
  readonly replayed: boolean;
}

type Handled = { readonly host: Host } & (
  | { readonly kind: "command"; readonly definition: CommandDefinition }
  | { readonly kind: "query"; readonly definition: QueryDefinition }
);

interface Execution {
  readonly commandId: string;
  /** Size of the input. */
  readonly bytes: number;
  /** The idempotency key it is executed under, in its scope, and what the input was. */
  readonly under: { readonly scope: CommandScope; readonly digest: string } | undefined;
}

interface Run {
  readonly host: Host;
  readonly request: Request;
  readonly input: unknown;
  readonly reads: ReadScope;
}

/** Executes commands and queries: validation, policy, idempotency, `before`, body. */
export class Operations {
  readonly #around: Surroundings;
  readonly #committer: Committer;
  readonly #handled = new Map<string, Handled>();
  readonly #keys: InFlightKeys;

  constructor(hosts: Iterable<Host>, around: Surroundings, committer: Committer) {
    this.#around = around;
    this.#committer = committer;
    this.#keys = new InFlightKeys(around.platform.clock, around.limits.inFlightWaitMs);
    for (const host of hosts) {
      for (const definition of host.definition.commands)
        this.#handled.set(definition.contract.name, { host, kind: "command", definition });
      for (const definition of host.definition.queries)
        this.#handled.set(definition.contract.name, { host, kind: "query", definition });
    }
  }

  async execute(request: Request): Promise<Reply> {
    const began = this.#around.platform.clock.mono();
    const handled = this.#handled.get(request.operation);
    if (handled === undefined)
      throw new BanyanError("operation-unknown", `No context of this process has "${request.operation}".`);
    const commandId = this.#around.newId();
    try {
      const reply = await this.#run(handled, request, commandId);
      this.#signal(handled, began, {
        commandId: reply.commandId ?? commandId,
        outcome: reply.replayed ? "replayed" : "result",
      });
      return reply;
    } catch (thrown) {
      const error = asBanyanError(thrown, `"${request.operation}"`);
      this.#signal(handled, began, {
        commandId,
        outcome: error.kind === "internal" ? "failed" : "refused",
        code: error.code,
      });
      throw error;
    }
  }

  #signal(
    handled: Handled,
    began: number,
    end: { commandId: string; outcome: "result" | "replayed" | "refused" | "failed"; code?: string },
  ): void {
    const { clock, telemetry } = this.#around.platform;
    const ms = clock.mono() - began;
    const operation = handled.definition.contract.name;
    if (handled.kind === "command") telemetry.signal({ name: "command.done", operation, ms, ...end });
    else
      telemetry.signal({
        name: "query.done",
        operation,
        ms,
        outcome: end.outcome === "replayed" ? "result" : end.outcome,
        ...(end.code === undefined ? {} : { code: end.code }),
      });
  }

  async #run(handled: Handled, request: Request, commandId: string): Promise<Reply> {
    const { host, definition } = handled;
    const reads = host.reads(request.nested);
    try {
      const run: Run = { host, request, reads, input: checkedInput(definition.contract, request.input) };
      await this.#admit(definition, run);
      if (handled.kind === "query") return await this.#query(handled.definition, run);
      // From here on a command may wait, for another of its key and for its commit: it holds no view of the tables meanwhile.
      await reads.end();
      return await this.#command(handled.definition, { ...run, reads: host.reads(request.nested) }, commandId);
    } finally {
      await reads.end();
    }
  }

  async #admit({ allow, contract }: CommandDefinition | QueryDefinition, run: Run): Promise<void> {
    const { principal } = run.request;
    if (typeof allow === "function") {
      if (await this.#bounded(`allow of "${contract.name}"`, isAllowedBy(allow, run))) return;
    } else if (allow !== undefined && isAllowed(allow, principal)) return;
    throw new BanyanError("not-allowed", `"${principal.id}" may not use "${contract.name}".`);
  }

  async #query(definition: QueryDefinition, { host, request, input, reads }: Run): Promise<Reply> {
    const { principal, tenant, headers } = request;
    const call = host.caller(this.#origin(request, this.#around.newId()), { commands: false });
    const tools = { call, principal, tenant, headers, ports: host.ports, read: reads.read };
    const value = await this.#bounded(definition.contract.name, Promise.resolve(definition.body(input, tools)));
    return { answer: "ok", value: checkedOutput(definition.contract, value), commandId: undefined, replayed: false };
  }

  async #command(definition: CommandDefinition, run: Run, commandId: string): Promise<Reply> {
    const { request } = run;
    if (this.#committer.queued >= this.#around.limits.queuedUnits) {
      throw new BanyanError("overloaded", "More commands wait than this process accepts.", { retryAfterMs: 1_000 });
    }
    const text = canonicalJson(request.input);
    const execution = { commandId, bytes: text.length, under: undefined };
    if (request.idempotencyKey === undefined) return this.#execute(definition, run, execution);
    const under = { scope: scopeOf(request, request.idempotencyKey), digest: sha256(text) };
    return this.#keys.alone(under.scope, under.digest, async () => {
      const record = await this.#around.platform.store.recall(under.scope);
      if (record === undefined) return this.#execute(definition, run, { ...execution, under });
      if (record.digest !== under.digest) throw keyReusedError(record.operation);
      return this.#recorded(definition, run, record);
    });
  }

  #recorded(definition: CommandDefinition, run: Run, record: CommandRecord): Reply {
    const stored = this.#around.platform.codec.decode(record.body);
    if (record.outcome === "error") throw revivedError(stored);
    const { answer, value } = stored as Answered;
    return { answer, value: withUnstored(definition, run.host, value), commandId: record.commandId, replayed: true };
  }

  async #execute(definition: CommandDefinition, run: Run, execution: Execution): Promise<Reply> {
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
      const call = host.caller(this.#origin(request, commandId), { commands: false });
      const tools = { call, principal, tenant, headers, ports: host.ports, read: reads.read };
      const work = Promise.resolve(definition.before(input, tools));
      return await this.#bounded(`before of "${request.operation}"`, work);
    } finally {
      // Also when `before` refuses: whoever reads on must not make the commit wait that comes next.
      await reads.end();
    }
  }

  async #body(definition: CommandDefinition, run: Run, execution: Execution & { before: unknown }): Promise<Reply> {
    const { host, request, input } = run;
    const { commandId, bytes, before } = execution;
    const { principal, tenant, operation: name } = request;
    const tools = { before, principal, tenant, commandId };
    const body = (all: object): unknown => definition.body(input, all);
    const bodyRun = { name, origin: this.#origin(request, commandId), tools, body };
    const stored = await this.#committer.submit<Answered>({
      name,
      context: host.name,
      bytes,
      run: async (transaction, watch) => {
        const { value, emitted } = await host.runBody(bodyRun, transaction, watch);
        const answered = storedAnswer(definition, host, value);
        const record = this.#recordOf(execution, "result", answered);
        if (record !== undefined && !(await transaction.remember(record))) {
          throw new BanyanError("in-flight", "This key was executed meanwhile.", { retryAfterMs: 100 });
        }
        return { value: answered, emitted };
      },
    });
    return { answer: stored.answer, value: withUnstored(definition, host, stored.value), commandId, replayed: false };
  }

  async #keep(host: Host, record: CommandRecord): Promise<void> {
    await this.#committer.submit({
      name: record.operation,
      context: host.name,
      bytes: record.body.length,
      run: async (transaction) => {
        await transaction.remember(record);
        return { value: undefined, emitted: [] };
      },
    });
  }

  /** What is kept of an execution; nothing without an idempotency key. */
  #recordOf(execution: Execution, outcome: CommandRecord["outcome"], value: unknown): CommandRecord | undefined {
    if (execution.under === undefined) return undefined;
    const { clock, codec } = this.#around.platform;
    const { scope, digest } = execution.under;
    const at = clock.now();
    const expires = at + this.#around.limits.keepResultsMs;
    return { ...scope, digest, commandId: execution.commandId, outcome, body: codec.encode(value), at, expires };
  }

  #bounded<T>(what: string, work: Promise<T>): Promise<T> {
    const { limits, platform } = this.#around;
    const late = (): BanyanError =>
      new BanyanError("before-timeout", `${what} did not end within ${limits.beforeLimitMs} ms.`);
    return within(work, platform.clock, { ms: limits.beforeLimitMs, late });
  }

  #origin(request: Request, id: string): Origin {
    const { tenant, principal, correlation = id, traceparent } = request;
    return { tenant, principal: principal.id, correlation, causation: id, traceparent };
  }
}

function checkedInput(contract: OperationContract, input: unknown): unknown {
  const checked = validate<unknown>(contract.input, input);
  if (checked.ok) return checked.value;
  const first = checked.issues[0];
  const where = first === undefined ? "" : ` ${first.path || "The input"}: ${first.message}`;
  throw new BanyanError("input-invalid", `The input of "${contract.name}" is not valid.${where}`, {
    details: { issues: checked.issues },
  });
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

async function isAllowedBy(
  predicate: Predicate<any, any, any>,
  { host, request, input, reads }: Run,
): Promise<boolean> {
  const { principal, tenant, headers } = request;
  const asked = { principal, tenant, input, headers, ports: host.ports };
  const answer: unknown = await predicate(
    Object.defineProperty(asked, "read", { get: () => reads.read, enumerable: true }) as never,
  );
  return answer === true;
}

function isAllowed(policy: Policy, principal: Principal): boolean {
  return policy.policy === "anyone" || policy.roles.some((role) => principal.roles.includes(role));
}

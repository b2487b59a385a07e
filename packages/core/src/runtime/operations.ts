import type { CommandDefinition, QueryDefinition, RequestHeaders } from "../context/index.ts";
import { isAccepted } from "../context/index.ts";
import { validate, type OperationContract } from "../contract/index.ts";
import { BanyanError, asBanyanError } from "../error/index.ts";
import { canonicalJson, sha256 } from "../hash/index.ts";
import type { CommandRecord, CommandScope, Origin, Principal } from "../ports/index.ts";
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
  readonly correlation?: string | undefined;
  readonly causation?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** What an operation answered; `empty` where its contract has no output. */
export interface Reply {
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: unknown;
  /** For commands: the same for every repeat under one idempotency key. */
  readonly commandId: string | undefined;
  readonly replayed: boolean;
}

type Handled = { readonly host: Host } & (
  | { readonly kind: "command"; readonly definition: CommandDefinition }
  | { readonly kind: "query"; readonly definition: QueryDefinition }
);

interface Run {
  readonly host: Host;
  readonly request: Request;
  readonly input: unknown;
  readonly reads: ReadScope;
}

interface Stored {
  readonly answer: Reply["answer"];
  readonly value: unknown;
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
    const reads = host.reads();
    try {
      const run: Run = { host, request, reads, input: checkedInput(definition.contract, request.input) };
      await checkPolicy(definition, run);
      if (handled.kind === "query") return await this.#query(handled.definition, run);
      return await this.#command(handled.definition, run, commandId);
    } finally {
      await reads.end();
    }
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
    if (request.idempotencyKey === undefined) return this.#execute(definition, run, { commandId, record: undefined });
    const scope: CommandScope = {
      tenant: request.tenant,
      principal: request.principal.id,
      operation: request.operation,
      key: request.idempotencyKey,
    };
    const digest = sha256(canonicalJson(request.input));
    return this.#keys.alone(scope, digest, async () => {
      const record = await this.#around.platform.store.recall(scope);
      if (record !== undefined) return this.#recorded(definition, run, { record, digest });
      return this.#execute(definition, run, { commandId, record: { scope, digest } });
    });
  }

  /** The answer that was recorded for this key, or 422 when it was for another body. */
  #recorded(
    definition: CommandDefinition,
    run: Run,
    { record, digest }: { record: CommandRecord; digest: string },
  ): Reply {
    if (record.digest !== digest) throw keyReusedError(record.operation);
    const stored = this.#around.platform.codec.decode(record.body);
    if (record.outcome === "error") throw revivedError(stored);
    const { answer, value } = stored as Stored;
    return { answer, value: withUnstored(definition, run.host, value), commandId: record.commandId, replayed: true };
  }

  async #execute(
    definition: CommandDefinition,
    run: Run,
    under: { commandId: string; record: { scope: CommandScope; digest: string } | undefined },
  ): Promise<Reply> {
    const { commandId, record } = under;
    const toRecord = (outcome: "result" | "error", value: unknown): CommandRecord | undefined =>
      record && this.#recordOf(record, { commandId, outcome, value });
    try {
      const before = await this.#before(definition, run, commandId);
      return await this.#body(definition, run, { commandId, before, toRecord });
    } catch (thrown) {
      const error = asBanyanError(thrown, `"${run.request.operation}"`);
      const failed =
        error.retry === "never" && error.kind !== "internal" ? toRecord("error", storedError(error)) : undefined;
      if (failed !== undefined) await this.#keepRecord(run.host, failed);
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
      // Also what `allow` has read, and when `before` refuses: whoever reads on must not make the commit wait that comes next.
      await reads.end();
    }
  }

  async #body(
    definition: CommandDefinition,
    run: Run,
    with_: {
      commandId: string;
      before: unknown;
      toRecord: (outcome: "result", value: unknown) => CommandRecord | undefined;
    },
  ): Promise<Reply> {
    const { host, request, input } = run;
    const { commandId, before, toRecord } = with_;
    const { principal, tenant } = request;
    const origin = this.#origin(request, commandId);
    const body = (tools: object): unknown => definition.body(input, tools);
    const stored = await this.#committer.submit<Stored>({
      name: request.operation,
      context: host.name,
      bytes: 1_024,
      run: async (transaction, watch) => {
        const tools = { before, principal, tenant, commandId };
        const { value, emitted } = await host.runBody(
          { name: request.operation, origin, tools, body },
          transaction,
          watch,
        );
        const answer = storedAnswer(definition, host, value);
        const record = toRecord("result", answer);
        if (record !== undefined && !(await transaction.remember(record))) {
          throw new BanyanError("in-flight", "This key was executed meanwhile.", { retryAfterMs: 100 });
        }
        return { value: answer, emitted };
      },
    });
    return { answer: stored.answer, value: withUnstored(definition, host, stored.value), commandId, replayed: false };
  }

  async #keepRecord(host: Host, record: CommandRecord): Promise<void> {
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

  #recordOf(
    under: { scope: CommandScope; digest: string },
    end: { commandId: string; outcome: "result" | "error"; value: unknown },
  ): CommandRecord {
    const { clock, codec } = this.#around.platform;
    const at = clock.now();
    const { commandId, outcome, value } = end;
    return {
      ...under.scope,
      digest: under.digest,
      commandId,
      outcome,
      body: codec.encode(value),
      at,
      expires: at + this.#around.limits.keepResultsMs,
    };
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

function checkedOutput(contract: OperationContract, value: unknown): unknown {
  if (contract.output === undefined) return undefined;
  const checked = validate<unknown>(contract.output, value);
  if (checked.ok) return checked.value;
  throw new BanyanError("output-invalid", `"${contract.name}" answered something its contract does not allow.`, {
    details: { issues: checked.issues },
  });
}

async function checkPolicy(
  definition: CommandDefinition | QueryDefinition,
  { host, request, input, reads }: Run,
): Promise<void> {
  const { allow } = definition;
  const { principal, tenant, headers } = request;
  let allowed = false;
  if (typeof allow === "function") {
    const asked = { principal, tenant, input, headers, ports: host.ports };
    allowed = await allow(Object.defineProperty(asked, "read", { get: () => reads.read, enumerable: true }) as never);
  } else if (allow !== undefined) {
    allowed = allow.policy === "anyone" || allow.roles.some((role) => principal.roles.includes(role));
  }
  if (allowed !== true) throw new BanyanError("not-allowed", `"${principal.id}" may not use "${request.operation}".`);
}

function storedAnswer(definition: CommandDefinition, host: Host, value: unknown): Stored {
  const accepted = isAccepted(value);
  const plain = accepted ? value.value : value;
  // The whole answer is checked now, while it can still be rolled back; what `unstored` adds is then left out again.
  const whole = checkedOutput(definition.contract, withUnstored(definition, host, plain));
  if (definition.contract.output === undefined) return { answer: accepted ? "accepted" : "empty", value: undefined };
  const added = definition.unstored === undefined ? {} : definition.unstored(plain, { ports: host.ports });
  const kept =
    Object.keys(added).length === 0
      ? whole
      : Object.fromEntries(Object.entries(whole as object).filter(([name]) => !(name in added)));
  return { answer: accepted ? "accepted" : "ok", value: kept };
}

function withUnstored(definition: CommandDefinition, host: Host, value: unknown): unknown {
  if (definition.unstored === undefined) return value;
  return { ...(value as object), ...definition.unstored(value, { ports: host.ports }) };
}

function storedError(error: BanyanError): Record<string, unknown> {
  const { code, kind, message, remedy, details } = error;
  return { code, kind, message, remedy, details };
}

function revivedError(stored: unknown): BanyanError {
  const { code, kind, message, remedy, details } = stored as Pick<
    BanyanError,
    "code" | "kind" | "message" | "remedy" | "details"
  >;
  return new BanyanError(code, message, { kind, remedy, ...(details === undefined ? {} : { details }) });
}

function keyReusedError(operation: string): BanyanError {
  return new BanyanError(
    "idempotency-key-reused",
    `This idempotency key came with another input of "${operation}" before.`,
  );
}

import {
  assertMayCross,
  assertTenant,
  contractsOf,
  rowsOf,
  type CommandDefinition,
  type Policy,
  type Predicate,
  type QueryDefinition,
} from "../context/index.ts";
import { namedFields, personalValues, validate } from "../contract/index.ts";
import { BanyanError, asBanyanError, withoutWords } from "../error/index.ts";
import type { Abort, Principal } from "../ports/index.ts";
import { checkedOutput } from "./answers.ts";
import { Commands } from "./commands.ts";
import type { Committer } from "./committer.ts";
import type { Host, Surroundings } from "./host.ts";
import { copied } from "./store-trouble.ts";
import { originOf, type Reply, type Request, type Run } from "./request.ts";

type Handled = { readonly host: Host } & (
  | { readonly kind: "command"; readonly definition: CommandDefinition }
  | { readonly kind: "query"; readonly definition: QueryDefinition }
);

/** Executes queries and lets commands be executed: who handles it, validation, policy. */
export class Operations {
  readonly #around: Surroundings;
  readonly #handled = new Map<string, Handled>();
  readonly #commands: Commands;

  constructor(hosts: Iterable<Host>, around: Surroundings, committer: Committer) {
    this.#around = around;
    this.#commands = new Commands(around, committer);
    for (const host of hosts) {
      for (const definition of host.definition.commands)
        this.#handled.set(definition.contract.name, { host, kind: "command", definition });
      for (const definition of host.definition.queries)
        this.#handled.set(definition.contract.name, { host, kind: "query", definition });
    }
  }

  async execute(asked: Request): Promise<Reply> {
    const request = { ...asked, principal: frozen(asked.principal) };
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
      const error = failureOf(thrown, handled, request);
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
    assertTenant(request.principal, request.tenant);
    assertMayCross(definition, request.principal);
    const rows = rowsOf(definition, request.tenant);
    const reads = host.reads(rows, request.nested);
    try {
      const run: Run = { host, request, reads, input: checkedInput(handled, request.input) };
      await this.#admit(definition, run);
      if (handled.kind === "query") return await this.#query(handled.definition, run);
      // From here on a command may wait, for another of its key and for its commit: it holds no view of the tables meanwhile.
      await reads.end();
      const fresh = { ...run, reads: host.reads(rows, request.nested) };
      return await this.#commands.execute(handled.definition, fresh, commandId);
    } finally {
      await reads.end();
    }
  }

  async #admit({ allow, contract }: CommandDefinition | QueryDefinition, run: Run): Promise<void> {
    const { principal } = run.request;
    if (typeof allow === "function") {
      const bounds = { what: `allow of "${contract.name}"`, asker: run.request.abort };
      if (await this.#around.bounded.run(bounds, (scope) => isAllowedBy(allow, run, scope))) return;
    } else if (allow !== undefined && isAllowed(allow, principal)) return;
    throw new BanyanError("not-allowed", `"${principal.id}" may not use "${contract.name}".`);
  }

  async #query(definition: QueryDefinition, { host, request, input, reads }: Run): Promise<Reply> {
    const { principal, tenant, headers } = request;
    const origin = originOf(request, this.#around.newId());
    const value = await this.#around.bounded.run({ what: definition.contract.name, asker: request.abort }, (scope) => {
      const call = host.caller(origin, { scope, commands: false, across: definition });
      const tools = { call, principal, tenant, headers, ports: host.ports, read: reads.read, abort: scope };
      return definition.body(input, tools);
    });
    return { answer: "ok", value: checkedOutput(definition.contract, value), commandId: undefined, replayed: false };
  }
}

/** The words of a schema library may repeat what was wrong, which nobody who looks on may see. */
function checkedInput({ host, definition: { contract } }: Handled, input: unknown): unknown {
  const checked = validate<unknown>(contract.input, input);
  if (checked.ok) return namedFields<unknown>(contract.input, checked.value);
  const first = checked.issues[0];
  const where = first === undefined ? "" : ` ${first.path || "The input"}: ${first.message}`;
  const error = new BanyanError("input-invalid", `The input of "${contract.name}" is not valid.${where}`, {
    details: { issues: checked.issues },
  });
  throw withoutWords(error, personalIn(input, host));
}

async function isAllowedBy(
  predicate: Predicate<any, any, any>,
  { host, request, input, reads }: Run,
  abort: Abort,
): Promise<boolean> {
  const { principal, tenant, headers } = request;
  const asked = { principal, tenant, input, headers, ports: host.ports, abort };
  const answer: unknown = await predicate(
    Object.defineProperty(asked, "read", { get: () => reads.read, enumerable: true }) as never,
  );
  return answer === true;
}

function isAllowed(policy: Policy, principal: Principal): boolean {
  return policy.policy === "anyone" || policy.roles.some((role) => principal.roles.includes(role));
}

/**
 * What went wrong inside is logged: it repeats nothing of the input that stands where an event of the context has something personal. A refusal is the
 * application's answer to whoever asked, and stays as it is.
 */
function failureOf(thrown: unknown, { host }: Handled, { operation, input }: Request): BanyanError {
  const error = asBanyanError(thrown, `"${operation}"`);
  return error.kind === "internal" ? copied(withoutWords(error, personalIn(input, host)), error) : error;
}

/** What stands in an input where an event of the context has something personal: the contract of an operation does not say what is. */
function personalIn(input: unknown, { definition }: Host): readonly string[] {
  const events = contractsOf(definition, "event");
  return events.flatMap(({ personal }) => personalValues(input, personal?.fields ?? []));
}

/** What policies and bodies are shown of who asks must not change on whose behalf they work. */
function frozen({ roles, tenants, ...rest }: Principal): Principal {
  const of = typeof tenants === "string" ? tenants : tenants && Object.freeze([...tenants]);
  return Object.freeze({ ...rest, roles: Object.freeze([...roles]), ...(of === undefined ? {} : { tenants: of }) });
}

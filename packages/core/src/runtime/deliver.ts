import { contextId, rowsOf, type Once, type SubscriptionDefinition } from "../context/index.ts";
import type { EventContract } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import { sha256, utf8Length } from "../hash/index.ts";
import type { Entry, Era, Origin } from "../ports/index.ts";
import { Awaited } from "./awaited.ts";
import type { Outside } from "./acts.ts";
import { assertWhole, toReceived, unknownEvent } from "./envelope.ts";
import { incarnationAt } from "./eras.ts";
import type { Host, Surroundings } from "./host.ts";
import type { Unit } from "./unit.ts";

/** Where an entry is delivered: one subscription of one context, reading one log. */
export interface Delivery {
  readonly subscription: string;
  /** The name it had first: stable keys outlive a rename. */
  readonly firstName: string;
  readonly definition: SubscriptionDefinition;
  readonly host: Host;
  /** Of the log that is read. */
  readonly eras: readonly Era[];
}

/** Reads the entry and runs `before`; returns the unit whose body is still to be run. Throws what reading or `before` threw. */
export async function attemptEntry(
  delivery: Delivery,
  entry: Entry,
  by: { readonly attempt: number; readonly around: Surroundings; readonly outside: Outside },
): Promise<Unit<unknown>> {
  const { definition, host, subscription } = delivery;
  assertWhole(entry);
  const event = toReceived(contractFor(definition, entry), entry, by.around.platform.codec);
  const origin = originOf(delivery, entry);
  const before =
    definition.before === undefined ? undefined : await runBefore(delivery, { event, entry, origin, ...by });
  const body = (tools: object): unknown => definition.body(event, tools);
  const emits = definition.rebuild === undefined;
  const tools = { before, tenant: entry.tenant };
  const run = { name: subscription, origin, tools, emits, body, rows: rowsOf(definition, entry.tenant) };
  return {
    name: subscription,
    context: host.name,
    bytes: utf8Length(entry.body),
    run: (transaction, watch) => host.runBody(run, transaction, watch),
  };
}

/** The contract an entry is read by. What is open or parked may be of an event that the subscription reads no longer. */
function contractFor({ contracts }: SubscriptionDefinition, entry: Entry): EventContract {
  const found = contracts.find((contract) => contract.name === entry.type);
  if (found !== undefined) return found;
  const read = contracts.map((contract) => `"${contract.name}"`).join(" and ");
  throw unknownEvent(entry, `this subscription reads ${read}`);
}

/** What follows from an entry: caused by it, in the same flow, done by the subscribing context. */
function originOf({ host }: Delivery, entry: Entry): Origin {
  const { tenant, correlation, traceparent, id } = entry;
  return { tenant, correlation, traceparent, causation: id, principal: contextId(host.name) };
}

/** Made anew it would act again. */
function refusedOnce(subscription: string): Once {
  return (name) =>
    Promise.reject(
      new BanyanError("rebuild-acts", `"${subscription}" declares \`rebuild\` and does "${name}" outside.`),
    );
}

interface BeforeRun {
  readonly event: object;
  readonly entry: Entry;
  readonly origin: Origin;
  readonly attempt: number;
  readonly around: Surroundings;
  readonly outside: Outside;
}

async function runBefore(delivery: Delivery, run: BeforeRun): Promise<unknown> {
  const { definition, host, subscription, firstName, eras } = delivery;
  const { entry, around, outside } = run;
  const incarnation = incarnationAt(eras, entry.position);
  const stableKey = sha256(JSON.stringify([firstName, entry.source, incarnation, entry.position]));
  const reads = host.reads(rowsOf(definition, entry.tenant));
  const commands = definition.rebuild === undefined;
  const what = `before of "${subscription}"`;
  const awaited = new Awaited(what);
  try {
    return await around.bounded.run({ what }, (scope) => {
      const caller = host.caller(run.origin, { scope, commands, stableKey, across: definition });
      const command: typeof caller = async (what, input) => {
        outside.command?.(what.name);
        // a command commits: where readers and the writer take turns, whoever reads on would make it wait for ever
        await reads.rest();
        return caller(what, input);
      };
      const call: typeof caller = (what, input) => {
        if (what.kind !== "command") return caller(what, input);
        return awaited.begin({ code: "call-floating", name: what.name }, () => command(what, input));
      };
      const act = outside.toolFor({ entry, stableKey, scope, rest: () => reads.rest() });
      const once: Once = (name, options, perform) =>
        awaited.begin({ code: "once-floating", name }, () => act(name, options, perform));
      const own = { call, once: commands ? once : refusedOnce(subscription), stableKey, attempt: run.attempt };
      const ports = outside.ports?.(host.ports) ?? host.ports;
      const tools = { ...own, tenant: entry.tenant, ports, read: reads.read, abort: scope };
      return awaited.whole(() => definition.before?.(run.event, tools));
    });
  } finally {
    await reads.end();
  }
}

import type { Expression } from "oxc-parser";
import type { Fault } from "../report.ts";
import { isTest, type CallSite, type SourceModule } from "../source-module.ts";
import type { Application } from "./rule.ts";

/** A fact is told by its owner: a context emits only its own events. */
export function emitFaults(application: Application): Fault[] {
  return application.modules
    .filter((module) => !isTest(module))
    .flatMap((module) =>
      module.calls.filter((site) => site.method === "emit").flatMap((site) => foreign(site, module, application)),
    );
}

function foreign(site: CallSite, module: SourceModule, { evaluator, territory }: Application): Fault[] {
  const [first] = site.node.arguments as (Expression | undefined)[];
  if (first === undefined) return [];
  const value = evaluator.value(first, module);
  if (value.kind !== "item" || value.item.kind !== "event") return [];
  const emitter = territory.contextAt(site, module);
  const owner = territory.ownerOf(value.item);
  if (emitter === undefined || owner === undefined || owner === emitter.name) return [];
  const event = value.item.name ?? module.text.slice(first.start, first.end);
  const message = `"${emitter.name}" emits ${event}; only its owner may, and "${emitter.name}" may subscribe to it.`;
  const remedy = `Emit an event of "${emitter.name}" and let "${owner}" subscribe to it, or call a command of "${owner}".`;
  return [{ code: "event-foreign", module, at: site.at, message, remedy }];
}

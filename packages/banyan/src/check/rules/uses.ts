import type { Expression } from "oxc-parser";
import type { ContextSource, Use } from "../contexts.ts";
import { sameItem, type Item } from "../evaluate.ts";
import type { Fault } from "../report.ts";
import { isTest, type CallSite, type SourceModule } from "../source-module.ts";
import { keyName } from "../syntax.ts";
import type { Application } from "./rule.ts";

/** A context may call only the operations its `uses` lists. */
export function undeclaredCalls(application: Application): Fault[] {
  return application.modules
    .filter((module) => !isTest(module))
    .flatMap((module) =>
      module.calls.flatMap((site) => called(site).flatMap((node) => undeclared(node, { site, module }, application))),
    );
}

interface Caller {
  readonly site: CallSite;
  readonly module: SourceModule;
}

function undeclared(node: Expression, { site, module }: Caller, application: Application): Fault[] {
  const { evaluator, territory, shown } = application;
  const value = evaluator.value(node, module);
  if (value.kind !== "item" || value.item.kind === "event") return [];
  const caller = territory.contextAt(site, module);
  const owner = territory.ownerOf(value.item);
  if (caller?.uses === undefined || owner === undefined || owner === caller.name) return [];
  if (caller.uses.some((use) => sameItem(use.item, value.item))) return [];
  const written = module.text.slice(node.start, node.end);
  const message = `"${caller.name}" calls ${value.item.kind} ${label(value.item, written)} of "${owner}", which its \`uses\` does not list.`;
  const remedy = `Add ${written} to \`uses\` of context("${caller.name}") in ${shown(caller.module.path)}.`;
  return [{ code: "call-undeclared", module, at: node.start, message, remedy }];
}

/** The operation of a call, and the one that undoes it: `flow.call(Reserve, order, { undo: Release })`. */
function called({ node, method }: CallSite): Expression[] {
  if (method !== "call") return [];
  const [first, , options] = node.arguments as (Expression | undefined)[];
  if (first === undefined) return [];
  if (options?.type !== "ObjectExpression") return [first];
  const undo = options.properties.flatMap((p) =>
    p.type === "Property" && keyName(p.key, p.computed) === "undo" ? [p.value] : [],
  );
  return [first, ...undo];
}

/** An entry of `uses` that the context's code names nowhere else. */
export function unusedUses(application: Application): Fault[] {
  const contexts = application.territory.areas.flatMap((area) => area.contexts);
  return contexts.flatMap((context) =>
    (context.uses ?? []).filter((use) => !isNamed(use, context, application)).map((use) => unused(use, context)),
  );
}

function unused({ item, node, module }: Use, context: ContextSource): Fault {
  const message = `"${context.name}" lists ${label(item, module.text.slice(node.start, node.end))} in \`uses\` and never calls it.`;
  return { code: "uses-unused", module, at: node.start, message };
}

function isNamed(use: Use, context: ContextSource, { modules, territory, evaluator }: Application): boolean {
  const area = territory.areaOf(context.module.path);
  const own = modules.filter((module) => !isTest(module) && territory.areaOf(module.path) === area);
  return own.some((module) =>
    module.mentions.some((mention) => {
      if (module === use.module && mention.start >= use.node.start && mention.end <= use.node.end) return false;
      const value = evaluator.value(mention, module);
      return value.kind === "item" && sameItem(value.item, use.item);
    }),
  );
}

function label(item: Item, written: string): string {
  return item.name ?? written;
}

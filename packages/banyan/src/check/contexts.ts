import { dirname, join, sep } from "node:path";
import type { CallExpression, Expression } from "oxc-parser";
import type { Evaluator, Item, Value } from "./evaluate.ts";
import type { Fault } from "./report.ts";
import { fileAt } from "./resolve.ts";
import type { CallSite, SourceModule } from "./source-module.ts";
import { keyName, textOf } from "./syntax.ts";

/** A `context("name", …)` as written. */
export interface ContextSource {
  readonly name: string;
  readonly module: SourceModule;
  readonly call: CallExpression;
  /** What `uses` lists; `undefined` where it cannot be known without running the code: then nothing is said about it. */
  readonly uses: readonly Use[] | undefined;
}

/** An entry of `uses`, with the place of the list it is in. */
export interface Use {
  readonly item: Item;
  readonly node: Expression;
  readonly module: SourceModule;
}

/** The folder of a context and what others may import from it. Contexts written in one folder share it. */
export interface Area {
  readonly folder: string;
  readonly contexts: readonly ContextSource[];
  /** `contract.ts`, or `contract/index.ts`. */
  readonly contract: string | undefined;
}

/** Every context the given modules declare; one whose name is not a literal is a fault, as nothing can be said of it. */
export function contextsOf(
  modules: readonly SourceModule[],
  evaluator: Evaluator,
): { contexts: ContextSource[]; faults: Fault[] } {
  const contexts: ContextSource[] = [];
  const faults: Fault[] = [];
  for (const module of modules) {
    for (const { node } of module.calls.filter((site) => declares(site, module, evaluator))) {
      const name = node.arguments[0] === undefined ? undefined : textOf(node.arguments[0]);
      if (name === undefined)
        faults.push({
          code: "context-unreadable",
          module,
          at: node.start,
          message: "The name of this context is not written as a literal.",
        });
      else contexts.push({ name, module, call: node, uses: usesOf(node, module, evaluator) });
    }
  }
  return { contexts, faults };
}

function declares({ node }: CallSite, module: SourceModule, evaluator: Evaluator): boolean {
  const value = evaluator.value(node, module);
  return value.kind === "context" && value.call === node;
}

function usesOf(call: CallExpression, module: SourceModule, evaluator: Evaluator): readonly Use[] | undefined {
  const options = call.arguments[1];
  if (options === undefined) return [];
  const found = usesIn(options as Expression, module, evaluator);
  return found === "absent" ? [] : found;
}

/** The last word on `uses` in an options object and what is spread into it. */
function usesIn(options: Expression, module: SourceModule, evaluator: Evaluator): Use[] | "absent" | undefined {
  const value = evaluator.value(options, module);
  if (value.kind !== "object") return undefined;
  for (const property of value.node.properties.toReversed()) {
    if (property.type === "SpreadElement") {
      const spread = usesIn(property.argument, value.module, evaluator);
      if (spread !== "absent") return spread;
    } else if (keyName(property.key, property.computed) === "uses")
      return listed(property.value, value.module, evaluator);
  }
  return "absent";
}

/** The items of an array, with arrays spread into it; `undefined` when any of them is not known. */
function listed(list: Expression, module: SourceModule, evaluator: Evaluator): Use[] | undefined {
  const value = evaluator.value(list, module);
  if (value.kind !== "array") return undefined;
  const uses: Use[] = [];
  for (const element of value.node.elements) {
    if (element === null) return undefined;
    const found =
      element.type === "SpreadElement"
        ? listed(element.argument, value.module, evaluator)
        : used(element, value, evaluator);
    if (found === undefined) return undefined;
    uses.push(...found);
  }
  return uses;
}

function used(
  node: Expression,
  { module }: Value & { readonly module: SourceModule },
  evaluator: Evaluator,
): Use[] | undefined {
  const value = evaluator.value(node, module);
  return value.kind === "item" ? [{ item: value.item, node, module }] : undefined;
}

/** Who owns which file, and which context a piece of code acts for. */
export class Territory {
  readonly areas: readonly Area[];
  readonly #evaluator: Evaluator;

  constructor(contexts: readonly ContextSource[], evaluator: Evaluator) {
    this.#evaluator = evaluator;
    const folders = new Map<string, ContextSource[]>();
    for (const context of contexts) {
      const folder = dirname(context.module.path);
      folders.set(folder, [...(folders.get(folder) ?? []), context]);
    }
    this.areas = [...folders].map(([folder, own]) => ({
      folder,
      contexts: own,
      contract: fileAt(join(folder, "contract.ts")) ?? fileAt(join(folder, "contract", "index.ts")),
    }));
  }

  /** The innermost folder that holds the file. `orders-archive/` is not in `orders/`. */
  areaOf(path: string): Area | undefined {
    const around = this.areas.filter(({ folder }) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep));
    return around.reduce<Area | undefined>(
      (inner, area) => (inner !== undefined && inner.folder.length > area.folder.length ? inner : area),
      undefined,
    );
  }

  /** The context whose registration encloses the call, else the one in whose folder it is written. */
  contextAt(site: CallSite, module: SourceModule): ContextSource | undefined {
    for (let around: CallSite | undefined = site; around !== undefined; around = around.enclosing) {
      const named = around.receiver === undefined ? undefined : this.contextNamed(around.receiver, module);
      if (named !== undefined) return named;
    }
    return only(this.areaOf(module.path)?.contexts ?? []);
  }

  contextNamed(node: Expression, module: SourceModule): ContextSource | undefined {
    const value = this.#evaluator.value(node, module);
    if (value.kind !== "context") return undefined;
    return this.areas.flatMap((area) => area.contexts).find((context) => context.call === value.call);
  }

  /** The name in front of the item's own (`orders.` of `orders.place-order`), else the context in whose folder it is. */
  ownerOf(item: Item): string | undefined {
    const prefix = item.name?.includes(".") === true ? item.name.slice(0, item.name.indexOf(".")) : undefined;
    return prefix ?? only(this.areaOf(item.module.path)?.contexts ?? [])?.name;
  }
}

function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

/** How an area is called in a sentence: `"orders"`, or `"a", "b"` where contexts share a folder. */
export function nameOf(area: Area): string {
  return area.contexts.map(({ name }) => `"${name}"`).join(", ");
}

import type { ArrayExpression, CallExpression, Expression, ObjectExpression } from "oxc-parser";
import { isSource } from "./scan.ts";
import type { SourceModule } from "./source-module.ts";
import type { Sources } from "./sources.ts";
import { keyName, memberName, textOf } from "./syntax.ts";

/** An event, command or query, where a contract declares it. */
export interface Item {
  readonly kind: "event" | "command" | "query";
  /** As in the contract, `orders.place-order`; `undefined` when it is not a literal. */
  readonly name: string | undefined;
  readonly module: SourceModule;
  readonly at: number;
}

/** What an expression is known to be without running it. */
export type Value =
  | { readonly kind: "item"; readonly item: Item }
  | { readonly kind: "context"; readonly call: CallExpression; readonly module: SourceModule }
  | { readonly kind: "namespace"; readonly module: SourceModule }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "object"; readonly node: ObjectExpression; readonly module: SourceModule }
  | { readonly kind: "array"; readonly node: ArrayExpression; readonly module: SourceModule }
  | { readonly kind: "unknown" };

const UNKNOWN: Value = { kind: "unknown" };
const ITEM_KINDS: ReadonlySet<string> = new Set(["event", "command", "query"]);
/** Longer chains of names than anyone writes; also what ends `a = b, b = a`. */
const MAX_DEPTH = 40;

/** Follows names through constants, imports, re-exports, namespaces and object literals to what they stand for. */
export class Evaluator {
  readonly #sources: Sources;
  #depth = 0;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  value(node: Expression, module: SourceModule): Value {
    if (this.#depth >= MAX_DEPTH) return UNKNOWN;
    this.#depth += 1;
    try {
      return this.#value(unwrap(node), module);
    } finally {
      this.#depth -= 1;
    }
  }

  /** What a module exports under a name, through any chain of re-exports. */
  exported(module: SourceModule, name: string): Value {
    if (this.#depth >= MAX_DEPTH) return UNKNOWN;
    this.#depth += 1;
    try {
      return this.#exported(module, name);
    } finally {
      this.#depth -= 1;
    }
  }

  #value(node: Expression, module: SourceModule): Value {
    if (node.type === "Identifier") return this.#named(node.name, module);
    if (node.type === "ObjectExpression") return { kind: "object", node, module };
    if (node.type === "ArrayExpression") return { kind: "array", node, module };
    if (node.type === "CallExpression") return this.#called(node, module);
    if (node.type !== "MemberExpression") return UNKNOWN;
    const name = memberName(node);
    return name === undefined ? UNKNOWN : this.#property(this.value(node.object, module), name);
  }

  #named(name: string, module: SourceModule): Value {
    const binding = module.bindings.get(name);
    if (binding !== undefined) {
      const value = this.value(binding.init, module);
      return binding.property === undefined ? value : this.#property(value, binding.property);
    }
    const imported = module.imports.get(name);
    return imported === undefined ? UNKNOWN : this.#imported(module, imported.specifier, imported.name);
  }

  #imported(from: SourceModule, specifier: string, name: string): Value {
    const target = this.#sources.target(from, specifier);
    if (target.kind === "package") return { kind: "package", name };
    if (target.kind !== "file" || !isSource(target.path)) return UNKNOWN;
    const module = this.#sources.module(target.path);
    return name === "*" ? { kind: "namespace", module } : this.exported(module, name);
  }

  #exported(module: SourceModule, name: string): Value {
    const binding = module.exports.get(name);
    if (binding !== undefined) {
      return "local" in binding
        ? this.#named(binding.local, module)
        : this.#imported(module, binding.specifier, binding.name);
    }
    for (const specifier of module.stars) {
      const value = this.#imported(module, specifier, name);
      if (value.kind !== "unknown") return value;
    }
    return UNKNOWN;
  }

  #property(value: Value, name: string): Value {
    if (value.kind === "namespace") return this.exported(value.module, name);
    if (value.kind === "package") return value.name === "*" ? { kind: "package", name } : UNKNOWN;
    if (value.kind !== "object") return UNKNOWN;
    for (const property of value.node.properties) {
      if (property.type === "Property" && keyName(property.key, property.computed) === name)
        return this.value(property.value, value.module);
    }
    return UNKNOWN;
  }

  /** `context(…)` and the contract factories, under whatever name they were imported; `a.on(…)` is `a` again. */
  #called(node: CallExpression, module: SourceModule): Value {
    const callee = this.value(node.callee, module);
    const [first] = node.arguments;
    if (callee.kind === "package") {
      if (callee.name === "context") return { kind: "context", call: node, module };
      if (!ITEM_KINDS.has(callee.name) || first === undefined) return UNKNOWN;
      return { kind: "item", item: { kind: callee.name as Item["kind"], name: textOf(first), module, at: node.start } };
    }
    if (node.callee.type !== "MemberExpression") return UNKNOWN;
    const receiver = this.value(node.callee.object, module);
    return receiver.kind === "context" ? receiver : UNKNOWN;
  }
}

/** The expression beneath type assertions, `await` and `?.`. */
function unwrap(node: Expression): Expression {
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
    case "ChainExpression":
      return unwrap(node.expression);
    case "AwaitExpression":
      return unwrap(node.argument);
    default:
      return node;
  }
}

/** Contracts are known by name, wherever they are declared. */
export function sameItem(left: Item, right: Item): boolean {
  if (left.name !== undefined && right.name !== undefined) return left.name === right.name;
  return left.module === right.module && left.at === right.at;
}

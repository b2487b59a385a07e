import {
  Visitor,
  type BindingPattern,
  type CallExpression,
  type Expression,
  type MemberExpression,
  type Program,
  type PropertyKey as KeyNode,
} from "oxc-parser";
import { DEFAULT_EXPORT, type Binding, type CallSite, type ImportBinding, type Reference } from "./source-module.ts";

export interface Syntax {
  readonly references: readonly Reference[];
  readonly bindings: ReadonlyMap<string, Binding>;
  readonly calls: readonly CallSite[];
  readonly mentions: readonly Expression[];
}

/** One walk over the tree for everything the rules ask of it. */
export function readSyntax(program: Program, imports: ReadonlyMap<string, ImportBinding>): Syntax {
  const reader = new SyntaxReader(imports);
  reader.visit(program);
  return reader;
}

/** What a handler may take out of its scope under another name: `({ call: ask }) => ask(GetPrice, …)`. */
const RENAMED = new Set(["call", "emit"]);

class SyntaxReader implements Syntax {
  readonly references: Reference[] = [];
  readonly bindings = new Map<string, Binding>();
  readonly calls: CallSite[] = [];
  readonly mentions: Expression[] = [];
  readonly #imports: ReadonlyMap<string, ImportBinding>;
  readonly #originals = new Map<string, string>();
  #enclosing: CallSite[] = [];
  #inModuleStatement = false;

  constructor(imports: ReadonlyMap<string, ImportBinding>) {
    this.#imports = imports;
  }

  visit(program: Program): void {
    const outside = (inside: boolean) => (): void => {
      this.#inModuleStatement = inside;
    };
    new Visitor({
      ImportDeclaration: outside(true),
      "ImportDeclaration:exit": outside(false),
      ExportSpecifier: outside(true),
      "ExportSpecifier:exit": outside(false),
      ExportDefaultDeclaration: ({ declaration }) => this.#default(declaration as Expression),
      VariableDeclarator: ({ id, init }) => this.#bind(id, init),
      ObjectPattern: (pattern) => this.#rename(pattern),
      CallExpression: (node) => this.#enter(node),
      "CallExpression:exit": () => this.#enclosing.pop(),
      ImportExpression: ({ source, start }) => this.#refer(textOf(source), start),
      TSImportType: ({ source, start }) => this.#refer(source.value, start, true),
      TSExternalModuleReference: ({ expression, start }) => this.#refer(expression.value, start),
      Identifier: (node) => this.#mention(node as Expression, node.name),
      MemberExpression: (node) => this.#mention(node, rootOf(node)),
    }).visit(program);
  }

  #default(declaration: Expression): void {
    this.bindings.set(DEFAULT_EXPORT, { init: declaration, property: undefined });
  }

  #bind(id: BindingPattern, init: Expression | null): void {
    if (init === null) return;
    for (const { name, property } of boundNames(id)) {
      if (!this.bindings.has(name)) this.bindings.set(name, { init, property });
    }
  }

  #rename(pattern: BindingPattern): void {
    for (const { name, property } of boundNames(pattern)) {
      if (property !== undefined && RENAMED.has(property)) this.#originals.set(name, property);
    }
  }

  #enter(node: CallExpression): void {
    const site = this.#siteOf(node);
    this.calls.push(site);
    this.#enclosing.push(site);
    const [first] = node.arguments;
    if (site.method === "require" && site.receiver === undefined && first !== undefined)
      this.#refer(textOf(first), node.start);
  }

  #siteOf(node: CallExpression): CallSite {
    const { callee } = node;
    const enclosing = this.#enclosing.at(-1);
    if (callee.type === "MemberExpression") {
      return { node, method: memberName(callee) ?? "", receiver: callee.object, at: callee.property.start, enclosing };
    }
    const name = callee.type === "Identifier" ? callee.name : "";
    return { node, method: this.#originals.get(name) ?? name, receiver: undefined, at: node.start, enclosing };
  }

  #refer(specifier: string | undefined, at: number, typeOnly = false): void {
    if (specifier !== undefined) this.references.push({ specifier, at, names: "all", typeOnly });
  }

  #mention(node: Expression, root: string | undefined): void {
    if (root !== undefined && !this.#inModuleStatement && this.#imports.has(root)) this.mentions.push(node);
  }
}

/** The names a pattern binds at its top level, each with the property it comes from. */
function boundNames(pattern: BindingPattern): { name: string; property: string | undefined }[] {
  if (pattern.type === "Identifier") return [{ name: pattern.name, property: undefined }];
  if (pattern.type !== "ObjectPattern") return [];
  return pattern.properties.flatMap((property) => {
    if (property.type !== "Property") return [];
    const value = property.value.type === "AssignmentPattern" ? property.value.left : property.value;
    const key = keyName(property.key, property.computed);
    return value.type === "Identifier" && key !== undefined ? [{ name: value.name, property: key }] : [];
  });
}

/** The text of a string literal or of a template without expressions. */
export function textOf(node: { readonly type: string }): string | undefined {
  const expression = node as Expression;
  if (expression.type === "Literal" && typeof expression.value === "string") return expression.value;
  if (expression.type === "TemplateLiteral" && expression.expressions.length === 0)
    return expression.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}

export function keyName(key: KeyNode, computed: boolean): string | undefined {
  return key.type === "Identifier" && !computed ? key.name : textOf(key);
}

export function memberName(member: MemberExpression): string | undefined {
  return member.property.type === "PrivateIdentifier" ? undefined : keyName(member.property, member.computed);
}

function rootOf(member: MemberExpression): string | undefined {
  let node: Expression = member;
  while (node.type === "MemberExpression") node = node.object;
  return node.type === "Identifier" ? node.name : undefined;
}

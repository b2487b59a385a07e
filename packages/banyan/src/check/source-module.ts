import type { CallExpression, Expression } from "oxc-parser";

/** A name another file is asked for, in whatever way: import, re-export, `import()`, `import type`, `require`. */
export interface Reference {
  readonly specifier: string;
  readonly at: number;
  /** The exported names that are asked for; `"all"` where the whole module is. */
  readonly names: readonly string[] | "all";
  readonly typeOnly: boolean;
}

/** `name` is what the other file calls it; `*` is the whole module. */
export interface ImportBinding {
  readonly specifier: string;
  readonly name: string;
}

export type ExportBinding = { readonly local: string } | ImportBinding;

/** `const name = init`, or `const { property: name } = init`. */
export interface Binding {
  readonly init: Expression;
  readonly property: string | undefined;
}

/** A call as written: `receiver.method(…)`, or `method(…)` under the name it had before it was renamed in a pattern. */
export interface CallSite {
  readonly node: CallExpression;
  readonly method: string;
  readonly receiver: Expression | undefined;
  readonly at: number;
  readonly enclosing: CallSite | undefined;
}

/** What the rules need to know of one file. Nothing of it was executed. */
export interface SourceModule {
  /** Absolute, with symbolic links resolved. */
  readonly path: string;
  readonly text: string;
  readonly references: readonly Reference[];
  readonly imports: ReadonlyMap<string, ImportBinding>;
  readonly exports: ReadonlyMap<string, ExportBinding>;
  /** The specifiers of `export * from`. */
  readonly stars: readonly string[];
  readonly bindings: ReadonlyMap<string, Binding>;
  readonly calls: readonly CallSite[];
  /** Uses of imported names outside import and export statements. */
  readonly mentions: readonly Expression[];
}

/** The local name under which `export default <expression>` is kept. */
export const DEFAULT_EXPORT = "*default*";

const TEST_FILE = /\.(?:test|spec)(?:-d)?\.[cm]?[jt]sx?$/;

export function isTest(module: SourceModule): boolean {
  return TEST_FILE.test(module.path);
}

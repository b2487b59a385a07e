import { parseSync, type EcmaScriptModule, type OxcError, type StaticExportEntry } from "oxc-parser";
import { readSyntax } from "./syntax.ts";
import {
  DEFAULT_EXPORT,
  type ExportBinding,
  type ImportBinding,
  type Reference,
  type SourceModule,
} from "./source-module.ts";

export interface SyntaxFault {
  readonly at: number;
  readonly message: string;
}

/** Reads one file. A syntax fault comes with the module as far as it could be read: without any statement. */
export function parseModule(path: string, text: string): { module: SourceModule; fault: SyntaxFault | undefined } {
  const parsed = parseSync(path, text, { preserveParens: false, sourceType: "module" });
  const fault = firstFault(parsed.errors);
  const record = parsed.module;
  const imports = importsOf(record);
  const syntax = readSyntax(parsed.program, imports);
  const module: SourceModule = {
    path,
    text,
    references: [...staticReferences(record), ...syntax.references],
    imports,
    exports: exportsOf(record),
    stars: entriesOf(record).flatMap((e) => (isStar(e) && e.moduleRequest !== null ? [e.moduleRequest.value] : [])),
    bindings: syntax.bindings,
    calls: syntax.calls,
    mentions: syntax.mentions,
  };
  return { module, fault };
}

function firstFault(errors: readonly OxcError[]): SyntaxFault | undefined {
  const error = errors.find((e) => String(e.severity) === "Error");
  return error === undefined ? undefined : { at: error.labels[0]?.start ?? 0, message: error.message };
}

function importsOf(record: EcmaScriptModule): Map<string, ImportBinding> {
  const imports = new Map<string, ImportBinding>();
  for (const { entries, moduleRequest } of record.staticImports) {
    for (const { localName, importName } of entries) {
      const name = String(importName.kind) === "NamespaceObject" ? "*" : (importName.name ?? "default");
      imports.set(localName.value, { specifier: moduleRequest.value, name });
    }
  }
  return imports;
}

function exportsOf(record: EcmaScriptModule): Map<string, ExportBinding> {
  const exports = new Map<string, ExportBinding>();
  for (const entry of entriesOf(record)) {
    if (!isStar(entry)) exports.set(entry.exportName.name ?? "default", exportBinding(entry));
  }
  return exports;
}

function exportBinding({ moduleRequest, importName, localName }: StaticExportEntry): ExportBinding {
  if (moduleRequest === null) return { local: localName.name ?? DEFAULT_EXPORT };
  return { specifier: moduleRequest.value, name: importName.name ?? "*" };
}

function entriesOf(record: EcmaScriptModule): StaticExportEntry[] {
  return record.staticExports.flatMap((statement) => statement.entries);
}

/** `export * from "…"`, which names nothing. `export * as name from "…"` does. */
function isStar(entry: StaticExportEntry): boolean {
  return String(entry.exportName.kind) === "None";
}

function staticReferences(record: EcmaScriptModule): Reference[] {
  const imports = record.staticImports.map((statement): Reference => {
    const names = statement.entries.map((e) =>
      String(e.importName.kind) === "NamespaceObject" ? "*" : (e.importName.name ?? "default"),
    );
    const { moduleRequest, start, entries } = statement;
    return { specifier: moduleRequest.value, at: start, names: asked(names), typeOnly: everyType(entries) };
  });
  const exports = record.staticExports.flatMap((statement): Reference[] => {
    const entries = statement.entries.filter((e) => e.moduleRequest !== null);
    const specifier = entries[0]?.moduleRequest?.value;
    if (specifier === undefined) return [];
    const names = entries.map((e) => e.importName.name ?? "*");
    return [{ specifier, at: statement.start, names: asked(names), typeOnly: everyType(entries) }];
  });
  return [...imports, ...exports];
}

function asked(names: readonly string[]): Reference["names"] {
  return names.includes("*") ? "all" : names;
}

function everyType(entries: readonly { readonly isType: boolean }[]): boolean {
  return entries.length > 0 && entries.every((e) => e.isType);
}

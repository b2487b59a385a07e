import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { didYouMean } from "@banyan/core";
import { parseModule } from "./parse.ts";
import type { Fault } from "./report.ts";
import { resolveSpecifier, type Target } from "./resolve.ts";
import { isSource, sourceFiles } from "./scan.ts";
import type { Reference, SourceModule } from "./source-module.ts";

/** The files of an application, each read and parsed once. */
export class Sources {
  readonly #modules = new Map<string, SourceModule>();
  readonly #targets = new Map<string, Target>();
  readonly #unread: Fault[] = [];

  /** What could not be read; rules see such a file as empty. */
  get unread(): readonly Fault[] {
    return this.#unread;
  }

  get modules(): readonly SourceModule[] {
    return [...this.#modules.values()];
  }

  /** Reads a file and everything it imports, up to packages. Answers the modules reached, `path` first. */
  follow(path: string): SourceModule[] {
    const reached = new Map<string, SourceModule>();
    const waiting = [path];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (reached.has(next)) continue;
      const module = this.module(next);
      reached.set(next, module);
      waiting.push(...module.references.flatMap((reference) => this.#fileOf(module, reference)));
    }
    return [...reached.values()];
  }

  /** Reads the source files beneath a folder, imported or not. */
  scan(folder: string): void {
    for (const path of sourceFiles(folder)) this.module(path);
  }

  module(path: string): SourceModule {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const { module, fault } = parseModule(path, readFileSync(path, "utf8"));
    this.#modules.set(path, module);
    if (fault !== undefined)
      this.#unread.push({ code: "source-unreadable", module, at: fault.at, message: sentence(fault.message) });
    this.#unread.push(...module.references.flatMap((reference) => this.#missing(module, reference)));
    return module;
  }

  /** Where a specifier leads, asked once per folder: what lies in one folder is resolved alike. */
  target(from: SourceModule, specifier: string): Target {
    const key = `${dirname(from.path)}\n${specifier}`;
    const known = this.#targets.get(key) ?? resolveSpecifier(from.path, specifier);
    this.#targets.set(key, known);
    return known;
  }

  #fileOf(from: SourceModule, { specifier }: Reference): string[] {
    const target = this.target(from, specifier);
    return target.kind === "file" && isSource(target.path) ? [target.path] : [];
  }

  /** A file that is not there and would be code: what it imports is unknown. Generated types and assets may be absent. */
  #missing(module: SourceModule, reference: Reference): Fault[] {
    const target = this.target(module, reference.specifier);
    const expected = isSource(reference.specifier) || !basename(reference.specifier).includes(".");
    if (target.kind !== "missing" || reference.typeOnly || !expected) return [];
    const message = `${reference.specifier} does not exist.${this.#near(target.path)}`;
    return [{ code: "import-unresolved", module, at: reference.at, message }];
  }

  #near(path: string): string {
    try {
      return didYouMean(
        basename(path),
        sourceFiles(dirname(path))
          .filter((file) => dirname(file) === dirname(path))
          .map((file) => basename(file)),
      );
    } catch {
      return "";
    }
  }
}

function sentence(words: string): string {
  return `The file cannot be parsed: ${words.replace(/\.$/, "")}.`;
}

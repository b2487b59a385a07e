import { dirname } from "node:path";
import { nameOf, type Area } from "../contexts.ts";
import type { Fault } from "../report.ts";
import { shown } from "../report.ts";
import { isTest, type Reference, type SourceModule } from "../source-module.ts";
import type { Application } from "./rule.ts";

/** Of another context's folder only the contract may be imported; what assembles the application also takes the contexts themselves. */
export function boundaryFaults(application: Application): Fault[] {
  return application.modules.flatMap((module) => {
    const assembles = isAssembly(module, application);
    return module.references.flatMap((reference) => {
      const area = entered(module, reference, { ...application, assembles });
      return area === undefined ? [] : [fault({ module, reference, area }, application)];
    });
  });
}

/** The area a reference leads into where it may not. */
function entered(
  module: SourceModule,
  { specifier }: Reference,
  application: Application & { assembles: boolean },
): Area | undefined {
  const { territory, sources, assembles } = application;
  const target = sources.target(module, specifier);
  if (target.kind !== "file" && target.kind !== "missing") return undefined;
  const area = territory.areaOf(target.path);
  if (area === undefined || area === territory.areaOf(module.path) || target.path === area.contract) return undefined;
  return assembles && area.contexts.some((context) => context.module.path === target.path) ? undefined : area;
}

interface Crossing {
  readonly module: SourceModule;
  readonly reference: Reference;
  readonly area: Area;
}

function fault(crossing: Crossing, application: Application): Fault {
  const { module, reference, area } = crossing;
  const own = application.territory.areaOf(module.path);
  const who = own === undefined ? "A file outside every context" : nameOf(own);
  const what =
    area.contract === undefined
      ? `${nameOf(area)} has no contract.ts yet`
      : `others may import only ${application.shown(area.contract)}`;
  const message = `${who} imports ${reference.specifier}, which is internal to ${nameOf(area)}; ${what}.`;
  return { code: "boundary-import", module, at: reference.at, message, remedy: remedy(crossing, application) };
}

function remedy({ module, reference: { names }, area }: Crossing, application: Application): string {
  if (area.contract === undefined)
    return `Write contract.ts in ${application.shown(area.folder)} and publish there what others need.`;
  const path = shown(area.contract, dirname(module.path));
  const specifier = path.startsWith(".") ? path : `./${path}`;
  const contract = application.sources.module(area.contract);
  if (
    names !== "all" &&
    names.length > 0 &&
    names.every((name) => application.evaluator.exported(contract, name).kind !== "unknown")
  ) {
    return `Did you mean "${specifier}"? It exports ${names.join(", ")}.`;
  }
  return `Import from "${specifier}", and publish there as an event, command or query what others need.`;
}

/** The config file, any file that calls `app(…)`, and a test outside every context: they put contexts together. */
function isAssembly(module: SourceModule, { config, territory, evaluator }: Application): boolean {
  if (module.path === config) return true;
  if (territory.areaOf(module.path) === undefined && isTest(module)) return true;
  return module.calls.some(({ node }) => {
    const callee = evaluator.value(node.callee, module);
    return callee.kind === "package" && callee.name === "app";
  });
}

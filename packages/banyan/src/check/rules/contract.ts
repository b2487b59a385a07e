import { join, sep } from "node:path";
import { nameOf, type Area } from "../contexts.ts";
import type { Fault } from "../report.ts";
import type { Reference, SourceModule } from "../source-module.ts";
import type { Application } from "./rule.ts";

/** A contract is read by browsers and by other contexts: it imports packages and the files of its own `contract/` folder, nothing else. */
export function contractFaults(application: Application): Fault[] {
  return application.modules.flatMap((module) => {
    const area = application.territory.areaOf(module.path);
    if (area === undefined || !inContract(module.path, area)) return [];
    return module.references.flatMap((reference) => impurity(module, reference, { ...application, area }));
  });
}

function impurity(
  module: SourceModule,
  reference: Reference,
  { area, ...application }: Application & { area: Area },
): Fault[] {
  const target = application.sources.target(module, reference.specifier);
  if (target.kind === "package") return [];
  const say = (code: "contract-imports-contract" | "contract-not-plain", words: string): Fault[] => [
    {
      code,
      module,
      at: reference.at,
      message: `The contract of ${nameOf(area)} imports ${reference.specifier}, ${words}`,
    },
  ];
  if (target.kind === "builtin")
    return reference.typeOnly ? [] : say("contract-not-plain", "which only Node has; browsers read contracts too.");
  if (inContract(target.path, area)) return [];
  const other = application.territory.areaOf(target.path);
  if (other === area)
    return say("contract-not-plain", "which is internal to the context; others would run it with the contract.");
  if (other === undefined) return say("contract-not-plain", "which no context owns.");
  if (target.path !== other.contract) return []; // a crossing, which the boundary rule reports
  return say("contract-imports-contract", `the contract of ${nameOf(other)}; then neither could change alone.`);
}

function inContract(path: string, area: Area): boolean {
  return (
    area.contract !== undefined && (path === area.contract || path.startsWith(join(area.folder, "contract") + sep))
  );
}

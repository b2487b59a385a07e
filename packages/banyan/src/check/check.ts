import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import { contextsOf, Territory } from "./contexts.ts";
import { Evaluator } from "./evaluate.ts";
import { findings, shown, type CheckReport, type Fault } from "./report.ts";
import { boundaryFaults } from "./rules/boundary.ts";
import { contractFaults } from "./rules/contract.ts";
import { emitFaults } from "./rules/emit.ts";
import { emptyMigrations } from "./rules/migrations.ts";
import { registrationFaults } from "./rules/registration.ts";
import type { Application, Rule } from "./rules/rule.ts";
import { undeclaredCalls, unusedUses } from "./rules/uses.ts";
import { Sources } from "./sources.ts";

export interface CheckOptions {
  /** The config file: an existing path, absolute. */
  readonly config: string;
  /** The folder that files are named from in the report. */
  readonly base: string;
}

const RULES: readonly Rule[] = [boundaryFaults, contractFaults, undeclaredCalls, registrationFaults, emitFaults];
const ADVICE: readonly Rule[] = [unusedUses, emptyMigrations];

/**
 * Judges an application by its sources alone; nothing of it is executed. Contexts are found by following the imports of
 * the config file; then every source file of its folder and of the contexts' folders is judged, imported or not.
 */
export function check({ config, base }: CheckOptions): CheckReport {
  const sources = new Sources();
  const evaluator = new Evaluator(sources);
  const root = realpathSync.native(config);
  const { contexts, faults } = contextsOf(sources.follow(root), evaluator);
  const territory = new Territory(contexts, evaluator);
  for (const folder of [dirname(root), ...territory.areas.map((area) => area.folder)]) sources.scan(folder);
  const from = realpathSync.native(base);
  const application: Application = {
    config: root,
    modules: sources.modules,
    sources,
    evaluator,
    territory,
    shown: (path) => shown(path, from),
  };
  const say = (rules: readonly Rule[]): Fault[] => rules.flatMap((rule) => rule(application));
  const violations = findings(say(RULES), from);
  const unjudged = findings([...sources.unread, ...faults], from);
  return {
    ok: violations.length === 0 && unjudged.length === 0,
    violations,
    warnings: findings(say(ADVICE), from),
    unjudged,
  };
}

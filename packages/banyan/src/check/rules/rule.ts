import type { Territory } from "../contexts.ts";
import type { Evaluator } from "../evaluate.ts";
import type { Fault } from "../report.ts";
import type { SourceModule } from "../source-module.ts";
import type { Sources } from "../sources.ts";

/** Everything a rule may look at. */
export interface Application {
  /** The file that puts the application together. */
  readonly config: string;
  readonly modules: readonly SourceModule[];
  readonly sources: Sources;
  readonly evaluator: Evaluator;
  readonly territory: Territory;
  /** A path as the user reads it. */
  readonly shown: (path: string) => string;
}

/** A rule sees the whole application and tells all it finds. */
export type Rule = (application: Application) => Fault[];

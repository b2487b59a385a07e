import type { App, Limits, Store } from "@banyan/core";
import type { Watch } from "./watch.ts";

/** What a scenario is made of. */
export interface Plan {
  readonly app: App;
  readonly store: Store;
  readonly seed: number;
  readonly limits: Partial<Limits>;
  readonly watch: Watch;
}

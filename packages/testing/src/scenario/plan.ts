import type { App, Clock, Limits, Random, SettingValues, Store } from "@banyan/core";
import type { Watch } from "./watch.ts";

/** Time and chance as a scenario has them: for a store that has its own notion of them, as SQL does (`datetime('now')`). */
export interface Virtual {
  readonly clock: Clock;
  readonly random: Random;
}

/** What a scenario is made of. */
export interface Plan {
  readonly app: App;
  readonly store: (virtual: Virtual) => Store;
  readonly seed: number;
  readonly limits: Partial<Limits>;
  readonly settings: SettingValues | undefined;
  readonly seeds: boolean;
  readonly watch: Watch;
}

export { DEFAULT_ODDS } from "./fault-odds.ts";
export type { FaultOdds } from "./fault-odds.ts";
export type { PlantedBug } from "./broken-store.ts";
export { PLANTED_BUGS, PLANTED_UNDER } from "./planted-bugs.ts";
export { neverHappened } from "./reachability.ts";
export { simulateSeeds } from "./simulate-seeds.ts";
export type { SeedsOptions } from "./simulate-seeds.ts";
export { simulate } from "./simulate.ts";
export type {
  Asking,
  Breach,
  Client,
  HistoryLine,
  Law,
  Operating,
  Outcome,
  Scenario,
  Settled,
  Simulation,
  SimulationOptions,
  SimulationResult,
  World,
} from "./simulation.ts";

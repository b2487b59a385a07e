export { DEFAULT_ODDS, NO_FAULTS } from "./fault-odds.ts";
export type { FaultOdds } from "./fault-odds.ts";
export type { PlantedBug } from "./broken-store.ts";
export { PLANTED_BUGS, PLANTED_UNDER } from "./planted-bugs.ts";
export { DELIVERED, neverHappened } from "./reachability.ts";
export { narrowed, shrink } from "./shrink.ts";
export type { Narrowing, Shrunk } from "./shrink.ts";
export { simulate } from "./simulate.ts";
export type { SimulateOptions, Simulated } from "./simulate.ts";
export { simulateNth, simulateSeeds } from "./simulate-seeds.ts";
export type { SeedsOptions } from "./simulate-seeds.ts";
export { simulateSeed } from "./simulate-seed.ts";
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

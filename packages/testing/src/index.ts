export { reference } from "./reference/index.ts";
export { scenario, stub } from "./scenario/index.ts";
export type {
  AskedBy,
  ContextScenarioOptions,
  EmittedEvent,
  ExpectedEvent,
  ParkedEntry,
  Part,
  ScenarioFactory,
  ScenarioOptions,
  ScenarioReply,
  ScenarioTest,
  Stub,
  Virtual,
} from "./scenario/index.ts";
export {
  DEFAULT_ODDS,
  neverHappened,
  PLANTED_BUGS,
  PLANTED_UNDER,
  simulate,
  simulateSeeds,
} from "./simulation/index.ts";
export type {
  Asking,
  Breach,
  Client,
  FaultOdds,
  HistoryLine,
  Law,
  Operating,
  Outcome,
  PlantedBug,
  Scenario,
  SeedsOptions,
  Settled,
  Simulation,
  SimulationOptions,
  SimulationResult,
  World,
} from "./simulation/index.ts";

export type { EmittedEvent } from "./emitted.ts";
export type { Part } from "./matching.ts";
export type { ParkedEntry } from "./parked.ts";
export type { Virtual } from "./plan.ts";
export { scenario } from "./scenario.ts";
export type { ContextScenarioOptions, ScenarioFactory, ScenarioOptions } from "./scenario.ts";
export type { AskedBy, ExpectedEvent, ScenarioReply, ScenarioTest } from "./scenario-test.ts";
export { stub } from "./stub.ts";
export type { Stub } from "./stub.ts";

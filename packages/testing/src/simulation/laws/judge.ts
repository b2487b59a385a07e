import type { App } from "@banyan/core";
import type { Acknowledged } from "../history.ts";
import type { Breach, Scenario } from "../simulation.ts";
import type { KeptEvent, Witness } from "../witness.ts";
import { judgeCommands } from "./commands.ts";
import { judgeEmissions } from "./emissions.ts";
import { judgeParked } from "./parked.ts";
import type { Remains } from "./remains.ts";
import { judgeRetention } from "./retention.ts";
import { judgeSchedule } from "./schedule.ts";
import { judgeSubscriptions } from "./subscriptions.ts";

/** What a run has seen from outside. */
export interface Seen extends Pick<Witness, "kept" | "entered" | "trimmedTo"> {
  /** Scheduled events that were due when everything had settled. */
  readonly due: readonly KeptEvent[];
  /** What clients were told. */
  readonly acknowledged: readonly Acknowledged[];
  readonly mayDie?: Scenario["mayDie"];
}

/** Judges what remains against what was seen. Pure. */
export function judge(app: App, remains: Remains, seen: Seen): readonly Breach[] {
  return [
    ...judgeParked(remains, seen.mayDie),
    ...judgeCommands(remains, seen.acknowledged),
    ...judgeSubscriptions(app, remains),
    ...judgeEmissions(remains),
    ...judgeSchedule(remains, seen),
    ...judgeRetention(remains, seen),
  ];
}

import { parkedKeys } from "../parked-keys.ts";
import type { Breach, Scenario } from "../simulation.ts";
import { breach } from "./breach.ts";
import type { Remains } from "./remains.ts";

/** Nothing stays parked but what may be dead, and what waits behind it. */
export function judgeParked({ logs, parked }: Remains, mayDie: Scenario["mayDie"] = () => false): readonly Breach[] {
  return parkedKeys(parked).flatMap(({ head, behind }) => {
    const entry = logs.get(head.source)?.find(({ position }) => position === head.position);
    if (head.state === "dead" && entry !== undefined && mayDie(entry, head.subscription)) return [];
    const why = head.errors.at(-1)?.message ?? "nobody has tried it";
    const message = `Entry ${head.position} of "${head.source}" stayed parked in "${head.subscription}" as ${head.state}, with ${behind} behind it: ${why}`;
    return breach("liveness", message);
  });
}

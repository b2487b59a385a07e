import type { Breach } from "../simulation.ts";
import type { Witness } from "../witness.ts";
import { breach } from "./breach.ts";
import type { Remains } from "./remains.ts";

/** Retention took out only what was older than the runtime had asked for. That everybody had settled it is judged with the effects: nobody gets it afterwards. */
export function judgeRetention({ trimmed }: Remains, { trimmedTo }: Pick<Witness, "trimmedTo">): readonly Breach[] {
  return trimmed.flatMap(({ source, position, at }) => {
    if (at < (trimmedTo.get(source) ?? 0)) return [];
    return breach("retention", `Entry ${position} of "${source}" is gone before its time.`);
  });
}

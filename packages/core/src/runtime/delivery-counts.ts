import type { DeliveryCounts } from "../context/index.ts";
import type { Lane } from "./lane.ts";

/** What stands still or waits in all lanes together; `held` = how many subscriptions stand still by `--hold`. */
export function countsOf(lanes: readonly Lane[], held: number): DeliveryCounts {
  const sum = (of: (lane: Lane) => number): number => lanes.reduce((total, lane) => total + of(lane), 0);
  return {
    parked: sum((lane) => lane.parked.rows),
    dead: sum((lane) => lane.parked.dead),
    lag: sum((lane) => lane.lag),
    held,
    paused: sum((lane) => (lane.parking.paused === undefined ? 0 : 1)),
    full: sum((lane) => (lane.full ? 1 : 0)),
    fullOfBytes: sum((lane) => (lane.fullOf === "bytes" ? 1 : 0)),
  };
}

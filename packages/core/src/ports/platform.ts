import type { Calls } from "./calls.ts";
import type { Clock } from "./clock.ts";
import type { Codec } from "./codec.ts";
import type { Random } from "./random.ts";
import type { Store } from "./store.ts";
import type { Telemetry } from "./telemetry.ts";
import type { Turn } from "./turn.ts";

/** Everything outside that the runtime touches. Nothing else reaches the world: that is what makes it simulable. */
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly turn: Turn;
  readonly store: Store;
  readonly codec: Codec;
  readonly telemetry: Telemetry;
  /** Undefined = every context is in this process. */
  readonly calls: Calls | undefined;
}

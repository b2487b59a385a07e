import { BanyanError, type ParkState } from "@banyan/core";

const STATES: readonly ParkState[] = ["retrying", "waiting", "dead", "unknown"];

/** The value of `--state`. Throws `option-invalid`. */
export function parkState(word: string): ParkState {
  const state = STATES.find((one) => one === word);
  if (state !== undefined) return state;
  throw new BanyanError("option-invalid", `--state is "${word}", but must be one of ${STATES.join(", ")}.`);
}

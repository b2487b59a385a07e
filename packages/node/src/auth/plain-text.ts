import { Secret } from "@banyan/core";

/** What a secret of the settings holds, or text that was written as it is. */
export function plainText(given: string | Secret): string {
  return given instanceof Secret ? given.reveal() : given;
}

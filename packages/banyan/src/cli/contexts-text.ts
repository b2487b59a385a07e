import type { BackedUpContext } from "@banyan/node";

/** The logs a backup has, one a line. */
export function contextsText(contexts: readonly BackedUpContext[]): string {
  const width = Math.max(0, ...contexts.map(({ name }) => name.length));
  return contexts
    .map(
      ({ name, position, incarnation }) =>
        `  ${name.padEnd(width)}  up to position ${position}, incarnation ${incarnation}\n`,
    )
    .join("");
}

import { durationMs } from "@banyan/core";

export interface BoundedDuration {
  /** 0 where there is a problem. */
  readonly ms: number;
  readonly problem: string | undefined;
}

/** A duration as an option says it, between two others. */
export function boundedDuration(
  option: string,
  text: string,
  { least, most }: { readonly least: string; readonly most: string },
): BoundedDuration {
  const ms = durationOf(text);
  if (ms !== undefined && ms >= durationMs(least) && ms <= durationMs(most)) return { ms, problem: undefined };
  return { ms: 0, problem: `\`${option}\` is not a duration from "${least}" to "${most}".` };
}

function durationOf(text: string): number | undefined {
  try {
    return durationMs(text);
  } catch {
    return undefined;
  }
}

import type { Codec } from "../ports/index.ts";

/** Where a value that cannot be encoded cannot be: the names that lead to the innermost part that is to blame. */
export function unencodableAt(value: unknown, codec: Codec): readonly string[] {
  const path: string[] = [];
  const above: unknown[] = [];
  let at = value;
  while (typeof at === "object" && at !== null && !above.includes(at)) {
    above.push(at);
    const culprit = Object.entries(at).find(([, child]) => !isEncodable(child, codec));
    if (culprit === undefined) return path;
    path.push(culprit[0]);
    at = culprit[1];
  }
  return path;
}

function isEncodable(value: unknown, codec: Codec): boolean {
  try {
    codec.encode({ value });
    return true;
  } catch {
    return false;
  }
}

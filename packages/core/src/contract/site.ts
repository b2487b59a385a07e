/**
 * Where the code that called into Banyan stands, as `file:line:column`, read from the stack of an error; "" where the engine
 * has none. `depth` = how many of our own frames to pass over.
 */
export function callSite(depth: number): string {
  const lines = (new Error().stack ?? "").split("\n").slice(1);
  const line = lines[depth + 1] ?? "";
  const place = /\(?((?:file:\/\/)?[^()\s]+:\d+:\d+)\)?$/.exec(line.trim())?.[1] ?? "";
  return place.replace(/^file:\/\//, "");
}

/**
 * Where the code that called into Banyan stands, as `file:line:column`, read from the stack of an error; "" where the engine
 * has none. `depth` = how many of our own frames to pass over.
 */
export function callSite(depth: number): string {
  const frames = (new Error().stack ?? "").split("\n").slice(1);
  return placeIn(frames[depth + 1] ?? "");
}

/** The place in one line of a stack as V8 writes it: `at load (file:///home/our%20team/contract.ts:3:14)`. */
export function placeIn(frame: string): string {
  const [, inBrackets, plain] = /^at (?:async )?(?:.*? \((.+)\)|(.+))$/.exec(frame.trim()) ?? [];
  const place = inBrackets ?? plain ?? "";
  if (!/:\d+:\d+$/.test(place)) return "";
  return place.startsWith("file://") ? pathOf(place) : place;
}

/** Without the scheme, the query a reloaded module has, and the slash before the letter of a drive. */
function pathOf(url: string): string {
  const path = url.replace(/^file:\/\/(\/(?=[A-Za-z]:))?/, "").replace(/\?[^:]*(?=:\d+:\d+$)/, "");
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

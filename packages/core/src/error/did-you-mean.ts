/** The other name closest to `given` by edit distance, as ` Did you mean "x"?`, or "" when none is near. */
export function didYouMean(given: string, known: Iterable<string>): string {
  let best = "";
  let bestDistance = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const name of known) {
    const distance = editDistance(given, name);
    if (distance > 0 && distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best === "" ? "" : ` Did you mean "${best}"?`;
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const current = [i];
    for (let j = 1; j <= right.length; j++) {
      const same = left[i - 1] === right[j - 1] ? 0 : 1;
      current[j] = Math.min((current[j - 1] ?? 0) + 1, (previous[j] ?? 0) + 1, (previous[j - 1] ?? 0) + same);
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}

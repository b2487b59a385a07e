/** JSON with the keys of every object in code-unit order, so that equal values have equal text, and different ones different text. */
export function canonicalJson(value: unknown): string {
  // Read back first: what is left are plain values, without `undefined`, dates or cycles.
  return written(JSON.parse(JSON.stringify(value) ?? "null"));
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  // Written by hand: an object would put keys that are numbers first, and could not be given a "__proto__".
  const fields = Object.entries(value).sort(byKey);
  return `{${fields.map(([key, inner]) => `${JSON.stringify(key)}:${written(inner)}`).join(",")}}`;
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

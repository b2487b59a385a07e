/** A text as TypeScript writes it, in the quotes that need fewer escapes, as the formatter writes it. */
export function quoted(text: string): string {
  const double = JSON.stringify(text);
  const inDouble = text.split('"').length > text.split("'").length;
  return inDouble ? `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'` : double;
}

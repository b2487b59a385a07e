/** Keys and messages are others' words: what a terminal would obey, or show in another order, is shown as it is written. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The same of words that may have several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

import { quoted } from "./quoted.ts";

/**
 * The values a column is kept to by a `CHECK (column IN ('a', 'b'))` of its table, as literals of TypeScript; undefined where there is
 * none. Nothing but that whole form is understood: any other check may allow more or less.
 */
export function checkedValues(sql: string, column: string): readonly string[] | undefined {
  const tokens = tokensOf(sql);
  // what is equal depends on it, so what is stored may be another text than the one that is listed
  if (tokens.some(({ word }) => word === "COLLATE")) return undefined;
  for (let at = 0; at < tokens.length; at++) {
    const values = listAt(tokens, at, column);
    if (values !== undefined) return values;
  }
  return undefined;
}

interface Token {
  /** A keyword or mark in capitals; "" for names in quotes, texts and numbers. */
  readonly word: string;
  /** What it names, where it can be a name. */
  readonly name?: string;
  /** A text or whole number, as TypeScript writes it. */
  readonly literal?: string;
}

const TOKEN =
  /--[^\n]*|\/\*[^]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|\S/g;

function tokensOf(sql: string): Token[] {
  return Array.from(sql.matchAll(TOKEN), ([text]) => text)
    .filter((text) => !text.startsWith("--") && !text.startsWith("/*"))
    .map(tokenOf);
}

function tokenOf(text: string): Token {
  const inside = text.slice(1, -1);
  if (text.startsWith("'")) return { word: "", literal: quoted(inside.replaceAll("''", "'")) };
  if (text.startsWith('"')) return { word: "", name: inside.replaceAll('""', '"') };
  if (text.startsWith("`")) return { word: "", name: inside.replaceAll("``", "`") };
  if (text.startsWith("[") && text.length > 1) return { word: "", name: inside };
  if (/^\d{1,15}$/.test(text)) return { word: "", literal: String(Number(text)) };
  return { word: text.toUpperCase(), name: text };
}

/** `CHECK ( column IN ( literal , literal ) )`, beginning at this token. */
function listAt(tokens: readonly Token[], at: number, column: string): readonly string[] | undefined {
  const words = (from: number, ...expected: readonly string[]): boolean =>
    expected.every((word, i) => tokens[from + i]?.word === word);
  const named = tokens[at + 2]?.name?.toLowerCase() === column.toLowerCase();
  if (!words(at, "CHECK", "(") || !named || !words(at + 3, "IN", "(")) return undefined;
  const values: string[] = [];
  for (let next = at + 5; ; next += 2) {
    const literal = tokens[next]?.literal;
    if (literal === undefined) return undefined;
    values.push(literal);
    if (words(next + 1, ")", ")")) return values;
    if (!words(next + 1, ",")) return undefined;
  }
}

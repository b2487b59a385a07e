// Read in the reading threads too, so it stands on files beside it only.

/** A word, name, sign or text of a statement; spaces and comments are left out. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** In lower case and without its quotes, where it can name something. */
  readonly name: string | undefined;
  /** In upper case, where it can be a keyword. */
  readonly word: string | undefined;
  /** How many parentheses are open around it. */
  readonly depth: number;
}

/** What words and the names of parameters are made of, within the brackets of a regular expression. */
export const NAME_CHARACTERS = "A-Za-z0-9_$\\u0080-\\uffff";
/**
 * The tokens of SQLite (tokenize.c): spaces and comments, quoted names and texts, parameters, words and numbers, one sign. Whoever took
 * a quote for the start of a text where SQLite does not would miss what it asks for.
 */
const TOKEN = new RegExp(
  [
    "(?<blank>[ \\t\\n\\v\\f\\r\\ufeff]+|--[^\\n]*|/\\*[^]*?(?:\\*/|$))",
    "(?<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\\[[^\\]]*\\])",
    `(?<parameter>[$@#:](?:[${NAME_CHARACTERS}]|::)+\\(?|\\?[0-9]*)`,
    `(?<word>[${NAME_CHARACTERS}]+)`,
    "(?<sign>[^])",
  ].join("|"),
  "y",
);

/** The tokens of a text; a word where it cannot be told what SQLite would read. */
export function tokensOf(sql: string): readonly Token[] | string {
  const tokens: Token[] = [];
  const regex = new RegExp(TOKEN);
  let depth = 0;
  for (let match = regex.exec(sql); match !== null; match = regex.exec(sql)) {
    const { blank, quoted, parameter, word } = match.groups ?? {};
    const [text] = match;
    if (blank !== undefined) continue;
    // `$a(…)` is one parameter, whatever is between the parentheses
    if (parameter?.endsWith("(") === true) return "has a parameter with parentheses";
    if (text === ")") depth--;
    if (depth < 0) return "closes a parenthesis that is not open";
    const name = quoted?.slice(1, -1).toLowerCase() ?? word?.toLowerCase();
    tokens.push({ text, start: match.index, end: regex.lastIndex, name, word: word?.toUpperCase(), depth });
    if (text === "(") depth++;
  }
  return tokens;
}

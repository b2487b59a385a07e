const CAUSES = 8;
const NAME = /^[\w.]{1,80}$/;
const FRAME =
  /^ {4}at (?:async )?(?:[\w.$<>[\] #]+ \()?(?:(?:file:|node:|\/|[A-Za-z]:\\)[^()]*:\d+:\d+|<anonymous>|native)\)?$/;

/**
 * Where something was thrown, and what of, without a word of what it says: that is the application's, and may name people. Of its causes likewise.
 * Total, whatever was thrown.
 */
export function framesOf(thrown: unknown): string {
  try {
    return causesOf(thrown)
      .map((one, at) => `${at === 0 ? "" : "caused by "}${[kindOf(one), ...placesOf(one)].join("\n")}`)
      .join("\n");
  } catch {
    return "something that cannot be looked at";
  }
}

function causesOf(thrown: unknown): readonly unknown[] {
  const found = [thrown];
  for (let one = thrown; one instanceof Error && one.cause !== undefined && found.length < CAUSES; one = one.cause)
    found.push(one.cause);
  return found;
}

function kindOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `no error, but a value of type ${typeof thrown}`;
  const { name, code } = thrown as Error & { readonly code?: unknown };
  const said = NAME.test(name) ? name : "Error";
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? `${said} ${code}` : said;
}

function placesOf(thrown: unknown): readonly string[] {
  if (!(thrown instanceof Error) || typeof thrown.stack !== "string") return [];
  return thrown.stack.split("\n").filter((line) => FRAME.test(line));
}

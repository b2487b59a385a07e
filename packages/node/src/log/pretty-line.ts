interface Line {
  readonly level: string;
  readonly time: string;
  readonly msg: string;
  readonly cause?: { readonly stack?: string; readonly message?: string };
}

const SAID_OTHERWISE = new Set(["level", "time", "pid", "msg", "cause", "remedy"]);

/** A JSON line of the log as a line for people: `05:22:01 warn  parked orders.mark-paid code=…`, remedy and stack below it. */
export function prettyLine(json: string): string {
  const line = JSON.parse(json) as Line & Readonly<Record<string, unknown>>;
  const fields = Object.entries(line).filter(([name]) => !SAID_OTHERWISE.has(name));
  const words = fields.map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const mark = line.level === "info" ? "" : `${line.level} `;
  const remedy = typeof line["remedy"] === "string" ? [`  remedy: ${printable(line["remedy"])}`] : [];
  const { stack, message } = line.cause ?? {};
  const cause = stack ?? message;
  const below = [...remedy, ...(cause === undefined ? [] : [indented(cause)])];
  return `${[`${line.time.slice(11, 19)} ${mark}${printable(line.msg + words.join(""))}`, ...below].join("\n")}\n`;
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((row) => `  ${printable(row)}`)
    .join("\n");
}

/** What does not print could forge lines, steer the terminal, or change the order in which it shows what it is given. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, "�");
}

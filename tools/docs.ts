/** One fenced block of a document: what it says it is, and where it stands. */
export type Fence = { path: string; line: number; lang: string; marks: readonly string[]; text: string };
/** The world a document speaks of: files to quote, commands to run, names that exist. */
export interface World {
  read(path: string): string | undefined;
  /** Output of a shell command that ended with 0; anything else throws. */
  run(command: string): string;
  /** Undefined where the line names a command that exists, else what is wrong with it. */
  command(line: string): string | undefined;
}

const QUOTABLE = ["json", "sh", "sql", "text", "ts"];

export function fencesOf(path: string, markdown: string): Fence[] {
  const fences: Fence[] = [];
  let open: { line: number; info: string[]; lines: string[] } | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    if (!line.startsWith("```")) open?.lines.push(line);
    else if (open === undefined) open = { line: index + 1, info: line.slice(3).trim().split(/\s+/), lines: [] };
    else {
      const [lang = "", ...marks] = open.info;
      fences.push({ path, line: open.line, lang, marks, text: open.lines.join("\n") });
      open = undefined;
    }
  }
  return fences;
}

/** What is wrong with the blocks of one document, in order; `run` blocks are executed in order too. */
export function problemsOf(fences: readonly Fence[], world: World): string[] {
  let output: string | undefined;
  return fences.flatMap((fence) => {
    const at = `${fence.path}:${fence.line}`;
    const expected = output;
    output = undefined;
    const source = fence.marks.find((mark) => mark.startsWith("file="));
    if (source !== undefined) return quoted(fence, source.slice(5), world).map((problem) => `${at} ${problem}`);
    if (fence.lang === "ts") return [];
    if (fence.lang !== "sh" && expected !== undefined)
      return matches(expected, fence.text) ? [] : [`${at} ${got(expected)}`];
    if (fence.lang !== "sh")
      return [`${at} a ${fence.lang || "bare"} block needs file=PATH#region or a "sh run" block before it`];
    if (!fence.marks.includes("run")) return namedOnly(fence, world).map((problem) => `${at} ${problem}`);
    try {
      output = world.run(fence.text);
      return [];
    } catch (error) {
      return [`${at} did not run: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

/** The text between `#region name` and `#endregion`, without markers and without the indentation all its lines share. */
export function regionOf(source: string, name: string): string | undefined {
  const lines = source.split("\n");
  const start = lines.findIndex((line) => line.trimEnd().endsWith(`#region ${name}`));
  if (start < 0) return undefined;
  const kept: string[] = [];
  for (let depth = 1, at = start + 1; at < lines.length && depth > 0; at++) {
    const line = lines[at] ?? "";
    if (line.includes("#region ")) depth++;
    else if (line.includes("#endregion")) depth--;
    else kept.push(line);
  }
  const indents = kept.filter((line) => line.trim() !== "").map((line) => line.length - line.trimStart().length);
  const shared = Math.min(...indents);
  return kept
    .map((line) => line.slice(shared))
    .join("\n")
    .trim();
}

function quoted(fence: Fence, source: string, world: World): string[] {
  if (!QUOTABLE.includes(fence.lang)) return [`a block that quotes is one of ${QUOTABLE.join(", ")}`];
  const [path = "", region] = source.split("#");
  const text = world.read(path);
  if (text === undefined) return [`quotes ${path}, which does not exist`];
  const original = region === undefined ? text.trim() : regionOf(text, region);
  if (original === undefined) return [`quotes ${path}, which has no "#region ${region}"`];
  return original === fence.text.trim() ? [] : [`differs from ${source}, which is now:\n${original}`];
}

function namedOnly(fence: Fence, world: World): string[] {
  const lines = fence.text.replaceAll("\\\n", " ").split("\n");
  const commands = lines.flatMap((line) => line.replace(/(^|\s)#.*$/, "").split("&&")).map((command) => command.trim());
  return commands.filter((command) => command !== "").flatMap((command) => world.command(command) ?? []);
}

/** `…` in an expected line stands for anything, and alone on a line for any lines. */
function matches(actual: string, expected: string): boolean {
  const pattern = expected.trim().split("…").map(RegExp.escape).join("[^]*?");
  return new RegExp(`^${pattern}$`).test(actual.trim());
}

const got = (output: string): string => `is not what the block before it prints, which is:\n${output.trimEnd()}`;

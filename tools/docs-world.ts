import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { commandProblem } from "./docs-commands.ts";
import type { World } from "./docs.ts";

const root = join(import.meta.dirname, "..");
const RUN_LIMIT_MS = 60_000;
// said in front of this project's own commands in any tutorial
const KNOWN = [/^cd [\w./-]+$/, /^git clone \S+( \S+)?$/, /^npm (install|test|ci)( -- [\w-]+)?$/];

/** The checkout itself, with the project's own Node first on the path as in npm scripts. */
export function checkout(): World {
  const scripts = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).scripts);
  const run = (command: string): string => {
    const PATH = [join(root, "node_modules", ".bin"), process.env["PATH"]].join(delimiter);
    const env = { ...process.env, PATH, NO_COLOR: "1", NODE_OPTIONS: "" };
    const result = spawnSync("bash", ["-euc", command], { cwd: root, env, encoding: "utf8", timeout: RUN_LIMIT_MS });
    if (result.status === 0) return result.stdout;
    throw new Error(`${result.error?.message ?? `exit ${result.status}`}\n${result.stdout}${result.stderr}`);
  };
  return {
    read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined),
    run,
    command(line) {
      const script = /^npm run ([\w:-]+)( -- .*)?$/.exec(line)?.[1];
      if (script !== undefined) return scripts.includes(script) ? undefined : `there is no npm script "${script}"`;
      if (line.startsWith("npx banyan ")) return commandProblem(line);
      if (line.startsWith("curl ")) return unknownRoute(line);
      return KNOWN.some((known) => known.test(line)) ? undefined : `"${line}" is neither run nor known to exist`;
    },
  };
}

/** A request of the shop names a route that one of its contracts declares, or one of the process itself. */
function unknownRoute(line: string): string | undefined {
  const path = /\b(?:localhost|127\.0\.0\.1):\d+(\/[^\s"'?]*)/.exec(line)?.[1];
  if (path === undefined) return `"${line}" does not go to this machine`;
  if (path.startsWith("/_banyan/")) return undefined;
  const method = /(?:-X|--request) (\w+)/.exec(line)?.[1] ?? (/\s(-d|--data|--json)\b/.test(line) ? "POST" : "GET");
  return routes().some((route) => route.test(`${method} ${path}`))
    ? undefined
    : `the shop has no route ${method} ${path}`;
}

function routes(): RegExp[] {
  const sources = globSync("examples/**/*.ts", { cwd: root, exclude: (path) => path === "node_modules" });
  const declared = sources.flatMap(
    (path) => readFileSync(join(root, path), "utf8").match(/"(GET|POST|PUT|DELETE) \/[^"]*"/g) ?? [],
  );
  return declared.map((route) => new RegExp(`^${route.slice(1, -1).replace(/\{\w+\}|:\w+/g, "[^/]+")}$`));
}

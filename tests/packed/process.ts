import { spawn } from "node:child_process";
import { delimiter } from "node:path";

const RUN_LIMIT_MS = 120_000;

/** A folder to run commands in, and the folder whose `node` they find. */
export interface Place {
  readonly cwd: string;
  readonly node: string;
}

/** What the command printed; throws with all of it unless the command ended with 0. */
export async function run(place: Place, command: string, ...words: string[]): Promise<string> {
  const child = start(place, command, words);
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT_MS);
  let out = "";
  let all = "";
  child.stdout.on("data", (text: string) => ((out += text), (all += text)));
  child.stderr.on("data", (text: string) => (all += text));
  const code = await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
  if (code === 0) return out;
  throw new Error(`${[command, ...words].join(" ")} ended with ${String(code)}:\n${all}`);
}

/** Runs `use` with the address at which the command serves, then stops it as Ctrl-C does; it must end by itself. */
export async function whileServing(
  place: Place,
  [command, ...words]: readonly [string, ...string[]],
  use: (url: string) => Promise<void>,
): Promise<void> {
  const child = start(place, command, words);
  const timer = setTimeout(() => child.kill("SIGKILL"), RUN_LIMIT_MS);
  let all = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = new Promise<string>((resolve, reject) => {
    const take = (text: string): void => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec((all += text));
      if (found !== null) resolve(found[0]);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("close", () => reject(new Error(`${[command, ...words].join(" ")} ended before it served:\n${all}`)));
  });
  try {
    await use(await url);
  } finally {
    child.kill("SIGINT");
    await ended;
    clearTimeout(timer);
  }
}

function start({ cwd, node }: Place, command: string, words: readonly string[]) {
  const { NODE_OPTIONS: _, BANYAN_DEV_TOKEN: __, ...own } = process.env;
  const env = { ...own, PATH: [node, own["PATH"]].join(delimiter), NO_COLOR: "1" };
  const child = spawn(command, words, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.setEncoding("utf8");
  child.stderr.setEncoding("utf8");
  return child;
}

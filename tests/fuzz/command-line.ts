import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../packages/banyan/src/cli/main.ts";
import { isKnownCode } from "./oracle.ts";
import { oddText, type Draw } from "./odd-values.ts";

interface Option {
  readonly kind: "flag" | "string" | "number" | "list" | "argument";
  readonly default?: unknown;
}

interface Described {
  readonly name: string;
  readonly options?: Readonly<Record<string, Option>>;
  readonly commands?: readonly Described[];
}

export interface CommandLineGround {
  /** Where command lines may make what they like. */
  readonly folder: string;
  readonly data: string;
  readonly url: string;
  readonly token: string;
}

const NEAR: Readonly<Record<string, readonly string[]>> = {
  subscription: ["odd.tell", "odd.x"],
  context: ["odd"],
  source: ["odd"],
  state: ["dead", "lost"],
  config: ["banyan.config.ts", "none.ts"],
};

/** Command lines drawn from the tables that the commands parse with, as `banyan --help --json` shows them. */
export class CommandLines {
  readonly #commands: readonly Described[];
  readonly #ground: CommandLineGround;

  private constructor(commands: readonly Described[], ground: CommandLineGround) {
    this.#commands = commands;
    this.#ground = ground;
  }

  static async from(ground: CommandLineGround): Promise<CommandLines> {
    const { out } = await run(["--help", "--json"], ground.folder);
    const { commands } = JSON.parse(out) as { commands: readonly Described[] };
    return new CommandLines(
      commands.flatMap((one) => one.commands ?? [one]),
      ground,
    );
  }

  draw(draw: Draw): readonly string[] {
    const { name, options = {} } = draw.of(this.#commands);
    const known = draw.oneIn(15) ? [this.#within(oddText(draw))] : name.split(" ");
    const given = Object.entries(options).filter(([, { kind }]) =>
      kind === "argument" ? !draw.oneIn(5) : draw.oneIn(3),
    );
    const words = given.flatMap(([option, spec]) => this.#wordsOf(option, spec, draw));
    const odd = draw.oneIn(4) ? draw.some(3, () => this.#within(oddText(draw))) : [];
    const json = draw.oneIn(2) ? ["--json"] : [];
    // what follows the log ends when somebody ends it
    const ends = name === "events tail" ? ["--no-follow"] : [];
    return [...known, ...words, ...odd, ...ends, ...json];
  }

  #wordsOf(name: string, spec: Option, draw: Draw): string[] {
    const flag = spec.default === true ? `--no-${name}` : `--${name}`;
    if (spec.kind === "flag") return [draw.oneIn(10) ? `${flag}=x` : flag];
    const value = this.#valueOf(name, spec, draw);
    if (spec.kind === "argument") return [value];
    return draw.oneIn(3) ? [`--${name}=${value}`] : [`--${name}`, value];
  }

  #valueOf(name: string, { kind }: Option, draw: Draw): string {
    const { data, url, token } = this.#ground;
    if (draw.oneIn(3)) return this.#within(oddText(draw));
    if (name === "data") return draw.oneIn(3) ? "data" : data;
    if (name === "url") return draw.oneIn(4) ? `${url}/x` : url;
    if (name === "token") return draw.oneIn(4) ? "x" : token;
    if (kind === "number") return draw.of(["1", "0", "3", "1000", "-1", "99999999999999999", "1e3", "١"]);
    return draw.of(NEAR[name] ?? ["x", "because", "a b"]);
  }

  /** Nothing that is drawn names a place of this machine outside the folder, nor a host. */
  #within(text: string): string {
    return text.replaceAll("..", "_").replaceAll(/[/\\:]/g, "_");
  }

  /** What is wrong with what a command line came to, or undefined. Each runs in an empty folder. */
  async wrongWith(words: readonly string[]): Promise<string | undefined> {
    const { code, out, err } = await run(words, mkdtempSync(join(this.#ground.folder, "c-")));
    if (![0, 1, 2].includes(code)) return `exit code ${code}`;
    if (words.includes("--json")) return wrongDocument(out, code);
    const refused = /^banyan: ([a-z-]+): /m.exec(err)?.[1];
    if (code !== 2 || refused === undefined) return code === 2 && out + err === "" ? "not a word" : undefined;
    return refused !== "internal" && isKnownCode(refused) ? undefined : err.slice(0, 500);
  }
}

function wrongDocument(out: string, code: number): string | undefined {
  const lines = out.split("\n").filter((line) => line !== "");
  const documents = lines.map((line) => JSON.parse(line) as { error?: { code: string } });
  const refused = documents.at(-1)?.error?.code;
  if (code !== 2 || refused === undefined) return undefined;
  return refused !== "internal" && isKnownCode(refused) ? undefined : out.slice(0, 500);
}

async function run(words: readonly string[], cwd: string): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(words, { out, err, cwd, env: {} });
  return { code, ...written };
}

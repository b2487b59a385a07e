import { join } from "node:path";
import { HEADERS } from "../authorisation/shop-door.ts";
import { CommandLines } from "./command-line.ts";
import { APPS, type Ground } from "./ground.ts";
import { HttpInputs } from "./http-input.ts";
import { Draw } from "./odd-values.ts";
import { wrongWith, type Told } from "./oracle.ts";
import { rawBytes, sendRaw } from "./raw-input.ts";

/** One input: how it is shown, and how it is given; answers what is wrong with what came of it. */
export interface Input {
  readonly kind: "request" | "bytes" | "socket" | "command";
  readonly shown: string;
  readonly give: () => Promise<string | undefined>;
}

export interface Finding {
  readonly shown: string;
  readonly wrong: string;
}

export interface Figures {
  readonly inputs: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Inputs that were looked at one by one, and the most that one of them took in the best of its repetitions. */
  readonly timedAlone: number;
  readonly slowestMs: number;
  readonly rssMiB: number;
  readonly seconds: number;
  readonly findings: readonly Finding[];
}

const AT_ONCE = 32;
const PROCESSOR_MS = 100;
const RSS_MIB = 2_048;
const SHOWN = 1_500;

/** Draws inputs from a seed, gives them, and judges what comes of them. */
export class Fuzz {
  readonly #ground: Ground;
  readonly #draw: Draw;
  readonly #lines: CommandLines;
  readonly #requests: readonly (readonly [string, HttpInputs])[];
  readonly #byStatus: Record<string, number> = {};
  readonly #findings: Finding[] = [];
  #timedAlone = 0;
  #slowestMs = 0;

  private constructor(ground: Ground, seed: number, lines: CommandLines) {
    this.#ground = ground;
    this.#draw = new Draw(seed);
    this.#lines = lines;
    this.#requests = Object.entries(APPS).map(([name, app]) => [name, new HttpInputs(app)]);
  }

  static async on(ground: Ground, seed: number): Promise<Fuzz> {
    const token = (HEADERS["operator"]?.["authorization"] ?? "").slice("Bearer ".length);
    const { data, served } = ground;
    const lines = await CommandLines.from({ folder: join(ground.folder, "cli"), data, url: served.url, token });
    return new Fuzz(ground, seed, lines);
  }

  async run(inputs: number, tell: (done: number) => void = () => {}): Promise<Figures> {
    const begun = performance.now();
    const byKind: Record<string, number> = {};
    const lost = (error: unknown): void => this.#found({ shown: "(any)", wrong: `nobody caught: ${said(error)}` });
    process.on("uncaughtException", lost).on("unhandledRejection", lost);
    for (let done = 0; done < inputs; done += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, inputs - done) }, () => this.draw());
      for (const { kind } of some) byKind[kind] = (byKind[kind] ?? 0) + 1;
      await this.give(some);
      tell(done);
    }
    for (const wrong of await this.#ground.wrongAfterwards()) this.#found({ shown: "(afterwards)", wrong });
    process.off("uncaughtException", lost).off("unhandledRejection", lost);
    const rssMiB = Math.round(process.memoryUsage().rss / 1024 / 1024);
    if (rssMiB > RSS_MIB) this.#found({ shown: "(afterwards)", wrong: `${rssMiB} MiB` });
    const seconds = Math.round((performance.now() - begun) / 1_000);
    const { timedAlone, slowestMs, findings } = this.#told();
    return { inputs, byKind, byStatus: this.#byStatus, timedAlone, slowestMs, rssMiB, seconds, findings };
  }

  /** Gives inputs together. Where all of them took more processor time than one may, each is given again, alone. */
  async give(inputs: readonly Input[]): Promise<void> {
    const together = await processorMs(() => Promise.all(inputs.map((input) => this.#judge(input))));
    if (together <= PROCESSOR_MS) return;
    for (const input of inputs) await this.#time(input);
  }

  /** Too slow is what is too slow in each of three repetitions. */
  async #time(input: Input): Promise<void> {
    this.#timedAlone++;
    let best = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 3 && best > PROCESSOR_MS; tries++)
      best = Math.min(best, await processorMs(() => this.#judge(input)));
    this.#slowestMs = Math.max(this.#slowestMs, Math.round(best));
    if (best > PROCESSOR_MS) this.#found({ shown: input.shown, wrong: `${Math.round(best)} ms of processor time` });
  }

  async #judge({ give, shown }: Input): Promise<void> {
    const wrong = await give().catch((error: unknown) => `rejected: ${said(error)}`);
    if (wrong !== undefined) this.#found({ shown, wrong });
  }

  #found({ shown, wrong }: Finding): void {
    if (this.#findings.length < 200) this.#findings.push({ shown: shown.slice(0, SHOWN), wrong });
  }

  #told(): { readonly timedAlone: number; readonly slowestMs: number; readonly findings: readonly Finding[] } {
    return { timedAlone: this.#timedAlone, slowestMs: this.#slowestMs, findings: this.#findings };
  }

  draw(): Input {
    const kind = this.#draw.below(100);
    if (kind < 10) return this.#commandLine();
    const [app, inputs] = this.#draw.of(this.#requests);
    const input = inputs.draw(this.#draw);
    const request = kind < 95 ? this.#ground.request(input) : undefined;
    const silent = input.method.toUpperCase() === "HEAD";
    if (request === undefined) return this.#bytes(rawBytes(input, this.#draw), silent);
    const shown = `${app}: ${JSON.stringify({ ...input, body: input.body?.toString("latin1") })}`;
    // made anew each time: of a clone, a body that is given up half read is never given up
    const give = async (): Promise<string | undefined> =>
      this.#judged(await this.#ground.ask(app, this.#ground.request(input) ?? request), silent);
    return { kind: "request", shown, give };
  }

  #bytes(bytes: Buffer, silent: boolean): Input {
    const shown = bytes.toString("latin1");
    if (this.#draw.oneIn(4)) {
      // the socket of operations has limits of minutes: whoever sends half there leaves
      const path = join(this.#ground.data, "banyan.sock");
      const give = async (): Promise<undefined> => void (await sendRaw({ path }, bytes, false));
      return { kind: "socket", shown, give };
    }
    const give = async (): Promise<string | undefined> => {
      const told = await sendRaw({ port: this.#ground.served.port }, bytes, true);
      return told === undefined ? undefined : this.#judged(told, silent);
    };
    return { kind: "bytes", shown, give };
  }

  #commandLine(): Input {
    const words = this.#lines.draw(this.#draw);
    return { kind: "command", shown: JSON.stringify(words), give: () => this.#lines.wrongWith(words) };
  }

  #judged(told: Told, silent: boolean): string | undefined {
    this.#byStatus[told.status] = (this.#byStatus[told.status] ?? 0) + 1;
    return wrongWith(told, silent);
  }
}

async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

function said(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

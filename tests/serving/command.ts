import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");
const BIN = join(root, "packages", "banyan", "bin", "banyan.js");

/** A port that is free, and the same for the code before and after a change. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** The notes as an application of its own, in a folder that tests may change. */
export class NotesFolder implements Disposable {
  readonly path: string = realpathSync.native(mkdtempSync(join(tmpdir(), "banyan-notes-")));

  constructor() {
    cpSync(join(import.meta.dirname, "notes"), this.path, { recursive: true });
    symlinkSync(join(root, "node_modules"), join(this.path, "node_modules"));
    writeFileSync(join(this.path, "package.json"), '{ "type": "module" }\n');
  }

  edit(file: string, change: (text: string) => string): void {
    const path = join(this.path, file);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** The command line in a process of its own, which ends with the scope that holds it. */
export class Banyan implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<number>;
  out = "";
  err = "";
  /** Both, in the order in which they came. */
  #all = "";
  readonly #changes = new Set<() => void>();

  constructor(cwd: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { NODE_OPTIONS: _, BANYAN_DEV_TOKEN: __, ...own } = process.env;
    this.child = spawn(process.execPath, [BIN, ...words], {
      cwd,
      env: { ...own, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text, () => (this.out += text)));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#take(text, () => (this.err += text)));
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code, signal) =>
        this.#take("", () => resolve(code ?? (signal === "SIGINT" ? 130 : 1))),
      );
    });
  }

  /** The first group of the pattern in what was printed, as soon as it is there; `after` skips what came before. */
  async said(pattern: RegExp, after: number = 0): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#all.slice(after));
      if (found !== null) return found[1] ?? found[0];
      if (this.child.exitCode !== null) throw new Error(`ended without ${String(pattern)}:\n${this.#all}`);
      await new Promise<void>((resolve) => this.#changes.add(resolve));
    }
  }

  get printed(): number {
    return this.#all.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill("SIGTERM");
    await this.ended;
  }

  #take(text: string, change: () => void): void {
    this.#all += text;
    change();
    for (const tell of this.#changes) tell();
    this.#changes.clear();
  }
}

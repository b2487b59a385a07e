import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Limits } from "banyan";
import type { Sale } from "./till.ts";

export interface TillPlan {
  readonly data: string;
  /** When it is killed, at the `at`-th time that this is so. */
  readonly dies?: "before its commit" | "after its commit" | "after it has acted outside";
  readonly at?: number;
  readonly with?: "that acts outside slowly" | "that computes for long" | "that loses a rejection";
  /** The file with what happened outside. */
  readonly outside?: string;
  readonly blockMs?: number;
  readonly readLimitMs?: number;
  readonly limits?: Partial<Limits>;
}

/** A data folder of tills, and what is in it once nobody owns it, read by SQL alone. */
export class TillFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "banyan-till-"));
  readonly outside: string = join(this.path, "outside");
  readonly database: string = join(this.path, "data", "banyan.db");

  get data(): string {
    return join(this.path, "data");
  }

  /** `position till n` of every row, in the order in which they were written. */
  booked(): string[] {
    return this.#rows("SELECT position || ' ' || till || ' ' || n AS text FROM tills_booked ORDER BY row");
  }

  told(): string[] {
    return this.#rows("SELECT position AS text FROM tills_told ORDER BY row");
  }

  /** `position till n` of every entry of the log. */
  log(): string[] {
    return this.#rows(
      "SELECT position || ' ' || key || ' ' || (body ->> 'n') AS text FROM banyan_log_tills ORDER BY position",
    );
  }

  /** Calls that arrived outside, in order. */
  acts(): string[] {
    return readFileSync(this.outside, "utf8").trimEnd().split("\n");
  }

  /** One statement by hand, as an operator with a shell may run it. */
  byHand(sql: string): unknown[] {
    const db = new DatabaseSync(this.database);
    try {
      return db.prepare(sql).all();
    } finally {
      db.close();
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  #rows(sql: string): string[] {
    using db = new DatabaseSync(this.database, { readOnly: true });
    return db
      .prepare(sql)
      .all()
      .map(({ text }) => String(text));
  }
}

/** Tills in a process of their own. */
export class TillChild implements AsyncDisposable {
  readonly child: ChildProcess;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #url: Promise<string>;
  out = "";
  err = "";

  constructor(plan: TillPlan) {
    const program = join(import.meta.dirname, "till-process.ts");
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.child = spawn(process.execPath, ["--conditions=source", program, JSON.stringify(plan)], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    this.ended = new Promise((resolve) => this.child.once("close", (code, signal) => resolve(code ?? signal ?? -1)));
    this.#url = new Promise((resolve, reject) => {
      this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        this.out += text;
        const url = /serving at (\S+)/.exec(this.out)?.[1];
        if (url !== undefined) resolve(url);
      });
      void this.ended.then((how) => reject(new Error(`ended with ${how} before it served:\n${this.out}${this.err}`)));
    });
    this.#url.catch(() => {});
  }

  async started(): Promise<this> {
    await this.#url;
    return this;
  }

  /** Status of the answer; undefined when the process was gone before it answered. */
  async sell(sales: readonly (Pick<Sale, "till" | "n"> & Partial<Sale>)[], key: string): Promise<number | undefined> {
    const headers = { "content-type": "application/json", "idempotency-key": key };
    const init = { method: "POST", headers, body: JSON.stringify({ sales }) };
    return fetch(`${await this.#url}/sales`, init).then(
      ({ status }) => status,
      () => undefined,
    );
  }

  async get(path: string): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
    const answer = await fetch((await this.#url) + path);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** Resolves when nothing waits any more. */
  async quiet(): Promise<void> {
    for (;;) {
      const { body } = await this.get("/_banyan/health/ready");
      if (body["lag"] === 0 && body["parked"] === body["dead"]) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async stop(): Promise<number | string> {
    this.child.kill("SIGTERM");
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGCONT");
    this.child.kill("SIGKILL");
    await this.ended;
  }
}

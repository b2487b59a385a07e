import { mount, type Limits, type Mounted } from "banyan";
import type { TillFolder } from "./till-child.ts";
import { tillApp, type Sale, type Trouble } from "./till.ts";

export type Sold = Pick<Sale, "till" | "n"> & Partial<Sale>;

export interface MountedOptions {
  readonly trouble?: Trouble;
  readonly limits?: Partial<Limits>;
  readonly hold?: readonly string[];
  /** Lines of the log. */
  readonly lines?: string[];
}

const PATIENT_MS = 15_000;

/** Tills in this process, on a real file. */
export class MountedTill implements AsyncDisposable {
  readonly #mounted: Mounted;

  private constructor(mounted: Mounted) {
    this.#mounted = mounted;
  }

  static async started(folder: TillFolder, options: MountedOptions = {}): Promise<MountedTill> {
    const { trouble, limits = {}, hold = [], lines = [] } = options;
    const own = { mode: "start", data: folder.data, env: {}, limits, hold } as const;
    return new MountedTill(await mount(tillApp(trouble), { ...own, write: (line) => void lines.push(line) }));
  }

  get runtime(): Mounted["runtime"] {
    return this.#mounted.runtime;
  }

  sell(...sales: readonly Sold[]): Promise<Response> {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify({ sales }) };
    return this.#mounted.fetch(new Request("http://localhost/sales", init));
  }

  get(path: string): Promise<Response> {
    return this.#mounted.fetch(new Request(`http://localhost${path}`));
  }

  /** Resolves when nothing is fetched and unsettled, with so many parked. */
  async quiet(parked = 0): Promise<void> {
    const deadline = performance.now() + PATIENT_MS;
    while (this.runtime.status.lag !== 0 || this.runtime.status.parked !== parked) {
      if (performance.now() > deadline) throw new Error(`not quiet: ${JSON.stringify(this.runtime.status)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  stop(): Promise<void> {
    return this.#mounted.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mounted.stop();
  }
}

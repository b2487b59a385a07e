import {
  authOf,
  BanyanError,
  checkedNumbers,
  DEFAULT_LIMITS,
  faulty,
  jsonCodec,
  Runtime,
  type App,
  type Limits,
  type Platform,
  type SettingValues,
  type Store,
  type Telemetry,
  valuesOf,
} from "@banyan/core";
import { Edge } from "../http/edge.ts";
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from "../http/limits.ts";
import { openLog, standardOutput, type Log, type LogForm } from "../log/log.ts";
import { logTelemetry, type LogTelemetry } from "../log/telemetry.ts";
import { OpsApi } from "../ops/ops-api.ts";
import { OpsSocket } from "../ops/ops-socket.ts";
import { socketPath } from "../ops/socket-path.ts";
import { nodeClock, type NodeClock } from "../platform/clock.ts";
import { nodeRandom } from "../platform/random.ts";
import { nodeTurn } from "../platform/turn.ts";
import { readSettings } from "../settings/read-settings.ts";
import { type Backups, type Inspected, sqlite } from "../sqlite/index.ts";
import { makeDataFolder } from "./data-folder.ts";
import { developmentToken, refuseDevelopmentToken } from "./dev-token.ts";

export interface ProcessOptions {
  /** `dev` behaves like the wire and knows a development token; `start` is production. Never guessed from the environment. */
  readonly mode: "dev" | "start";
  /** The data folder; made where there is none. "" = none, with a `store` that needs none. */
  readonly data: string;
  /** Development faults; on unless said otherwise, and never in production. */
  readonly faults?: boolean;
  /** Subscriptions (`context.name`) that stand still. */
  readonly hold?: readonly string[];
  /** The process of the topology to run. */
  readonly process?: string;
  /** A file of JSON with settings of the application. It has to be there. Default: none. */
  readonly settingsFile?: string;
  /** Settings given in code: before those of the environment and of the file. */
  readonly settings?: SettingValues;
  /** Only BANYAN_DEV_TOKEN and variables of settings are read. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Executes the application's seeds on fresh data, in development. Off unless said otherwise. */
  readonly seeds?: boolean;
  /** Those that differ from the defaults. */
  readonly limits?: Partial<Limits & HttpLimits>;
  /** The form of its lines. Default: `pretty` in development, `json` in production. */
  readonly log?: LogForm;
  /** Where lines of the log go. Default: standard output. */
  readonly write?: (line: string) => void;
  /** Where everything is kept. Default: SQLite in the data folder. */
  readonly store?: Store;
}

/** An application in this process: runtime, edge and what both stand on. */
export class AppProcess {
  readonly runtime: Runtime;
  readonly edge: Edge;
  readonly log: Log;
  readonly httpLimits: HttpLimits;
  readonly #ops: OpsSocket | undefined;
  /** Printed in development, undefined in production. */
  readonly token: string | undefined;
  readonly #clock: NodeClock = nodeClock();
  readonly #telemetry: LogTelemetry;
  readonly #failed = Promise.withResolvers<string>();
  #backups: Backups | undefined;
  #inspected: Inspected | undefined;
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(
    app: App,
    options: ProcessOptions & { readonly hosts: "any" | "loopback"; readonly base?: string | undefined },
  ) {
    const { mode, data, env = process.env, hold = [] } = options;
    checkProcessName(options.process);
    if (mode === "start") refuseDevelopmentToken(env);
    // before anything is opened or written
    const sources = { env, file: options.settingsFile, given: options.settings };
    const body = mode === "dev" ? { unitLimitMs: 0 } : {};
    const limits = checkedNumbers({ ...DEFAULT_LIMITS, ...DEFAULT_HTTP_LIMITS, ...body }, options.limits ?? {});
    this.httpLimits = limits;
    const settings = valuesOf(readSettings(app, sources));
    const socket = data === "" || process.platform === "win32" ? undefined : socketPath(data);
    if (data !== "") makeDataFolder(data);
    const seeds = mode === "dev" && options.seeds === true;
    this.token = mode === "dev" ? developmentToken(data, env) : undefined;
    this.log = openLog(options.log ?? (mode === "dev" ? "pretty" : "json"), options.write ?? standardOutput());
    this.#telemetry = logTelemetry(this.log, { words: mode === "dev" });
    this.runtime = new Runtime(app, { platform: this.#platform(options), limits, settings, data, hold, seeds });
    const ops = new OpsApi({
      runtime: this.runtime,
      log: this.log,
      backups: this.#backups,
      inspected: this.#inspected,
    });
    this.#ops = socket === undefined ? undefined : new OpsSocket(socket, ops);
    this.edge = new Edge({
      app,
      auth: authOf(app, settings),
      runtime: this.runtime,
      ops,
      settings,
      data,
      token: this.token,
      hosts: options.hosts,
      base: options.base,
      limits,
      log: this.log,
      words: mode === "dev",
    });
  }

  /** Resolves with the reason when the running process can no longer commit and has to end. */
  get failed(): Promise<string> {
    return this.#failed.promise;
  }

  async start(): Promise<void> {
    try {
      await this.runtime.start();
      this.#started = true;
      this.#tellSeeded();
      await this.#ops?.listen();
    } catch (error) {
      if (this.#started) await this.runtime.stop();
      this.#end();
      throw error;
    }
  }

  #tellSeeded(): void {
    const { seeded } = this.runtime;
    if (seeded === "seeded") this.log.info("seeded");
    if (seeded === "not-fresh")
      this.log.info("no seeds", { reason: "there was data before", remedy: "`--reset` begins with fresh data" });
  }

  /** Takes nothing new, lets what is in flight end, then stops the runtime. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.edge.refuse();
    await this.edge.finish();
    // while the data is still owned: the next owner's socket has the same name
    await this.#ops?.close();
    await this.runtime.stop();
    this.#end();
  }

  #end(): void {
    this.edge.close();
    this.#telemetry.flush();
    this.#clock.release();
  }

  #platform(options: ProcessOptions): Omit<Platform, "calls"> {
    const telemetry: Telemetry = { signal: (signal) => this.#signal(signal) };
    const by = { clock: this.#clock, random: nodeRandom(), telemetry };
    const { data, process: name } = options;
    const warn = (message: string): void => telemetry.signal({ name: "warning", message });
    const store = options.store ?? sqlite({ path: data, warn, ...(name === undefined ? {} : { process: name }) });
    this.#backups = "backup" in store ? (store as Store & Backups) : undefined;
    this.#inspected = "inspect" in store ? (store as Store & Inspected) : undefined;
    const faults = options.mode === "dev" && options.faults !== false;
    return { ...by, turn: nodeTurn(), store: faults ? faulty(store, by) : store, codec: jsonCodec };
  }

  #signal(signal: Parameters<Telemetry["signal"]>[0]): void {
    if (signal.name === "process.state" && signal.state === "failed") {
      // a start that fails is thrown, and told by whoever catches it
      if (!this.#started) return;
      this.#failed.resolve(signal.reason ?? "");
    }
    this.#telemetry.signal(signal);
  }
}

function checkProcessName(name: string | undefined): void {
  if (name === undefined || name === "main") return;
  throw new BanyanError("config-invalid", `The topology \`one()\` has no process "${name}".`, {
    remedy: 'Leave out `--process`, or write "main": `one()` has that process only.',
  });
}

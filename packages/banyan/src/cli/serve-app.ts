import { readSettings, runProcess, serve, type Running, type Served, type ServeOptions } from "@banyan/node";
import { valuesOf, violationsError, type App } from "@banyan/core";
import { close as closeInspector, open, url as inspectorUrl } from "node:inspector";
import type { ExitCode } from "./command.ts";
import { settingsFile } from "./config-file.ts";
import type { Io } from "./io.ts";
import { connectToSupervisor, type SupervisorLink } from "./hand-over.ts";
import { loadApp } from "./load-app.ts";
import { registrationViolations } from "./registration.ts";

export interface ServeAppOptions extends Omit<ServeOptions, "settings"> {
  readonly config: string;
  /** The file of settings, as the user wrote it; else `banyan.json` beside the config file, where there is one. */
  readonly settings: string | undefined;
  /** The port for a debugger. */
  readonly inspect: number | undefined;
  readonly json: boolean;
}

/** Loads the application and serves it until a signal or a failure; answers the exit code. */
export async function serveApp(
  { config, settings, inspect, json, ...options }: ServeAppOptions,
  io: Io,
): Promise<ExitCode> {
  const supervisor = connectToSupervisor(io.env);
  // the process before has the port of the debugger until its data is free
  const dataFree = supervisor.may("open").then(() => openInspector(inspect));
  if (!supervisor.watched) await dataFree;
  const begin = async (): Promise<Running> => {
    await supervisor.may("load");
    const file = settingsFile(settings, config, io);
    const app = await loadApp(config).finally(supervisor.tellFiles);
    const serving: ServeOptions = {
      ...options,
      ...(file === undefined ? {} : { settingsFile: file }),
      env: io.env,
      ...(json ? { log: "json" } : {}),
      ...(supervisor.watched ? { dataFree } : {}),
    };
    if (supervisor.watched) refuseEarly(app, serving);
    supervisor.tell("prepared");
    await supervisor.may("listen");
    const served = await serve(app, serving);
    supervisor.tell("serving");
    if (options.mode === "dev" && !json) io.out(banner(app, served, options));
    return leaving(served, supervisor);
  };
  const code = await runProcess(begin, { words: options.mode === "dev" }).finally(supervisor.leave);
  // what the application left open must not keep a process that has drained
  setTimeout(() => process.exit(code), 1_000).unref();
  return code;
}

function openInspector(port: number | undefined): void {
  if (port !== undefined && inspectorUrl() === undefined) open(port, "127.0.0.1");
}

/** What a start would refuse before it opens anything: while the code before still serves. */
function refuseEarly(app: App, { env = {}, settingsFile: file }: ServeOptions): void {
  valuesOf(readSettings(app, { env, file }));
  const violations = registrationViolations(app);
  if (violations.length > 0) throw violationsError(violations);
}

/** Tells the supervisor as soon as the next process may go on. */
function leaving(served: Served, supervisor: SupervisorLink): Running {
  const stop = async (): Promise<void> => {
    const stopped = served.stop();
    supervisor.tell("off-port");
    await stopped;
    if (supervisor.watched) closeInspector();
    supervisor.tell("off-data");
  };
  return { failed: served.failed, stop };
}

function banner(app: App, { url, token }: Served, { data, faults }: ServeOptions): string {
  const contexts = app.contexts.map(({ name }) => name).join(", ");
  const wire = faults === false ? "off" : "on, each announced as injected (--no-faults switches them off)";
  return `
banyan dev: ${url} (Ctrl-C stops it)
  contexts: ${contexts}
  data:     ${data}
  faults:   ${wire}
development token: ${token ?? ""}

`;
}

import { runProcess, serve, type Served, type ServeOptions } from "@banyan/node";
import type { App } from "@banyan/core";
import { open, url as inspectorUrl } from "node:inspector";
import type { ExitCode } from "./command.ts";
import { settingsFile } from "./config-file.ts";
import type { Io } from "./io.ts";
import { loadApp } from "./load-app.ts";
import { connectToSupervisor } from "./watched.ts";

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
  if (inspect !== undefined && inspectorUrl() === undefined) open(inspect, "127.0.0.1");
  const file = settingsFile(settings, config, io);
  const supervisor = connectToSupervisor(io.env);
  const begin = async (): Promise<Served> => {
    const app = await loadApp(config).finally(supervisor.tellFiles);
    const served = await serve(app, {
      ...options,
      ...(file === undefined ? {} : { settingsFile: file }),
      env: io.env,
      ...(json ? { log: "json" } : {}),
    });
    if (options.mode === "dev" && !json) io.out(banner(app, served, options));
    return served;
  };
  const code = await runProcess(begin, { words: options.mode === "dev" }).finally(supervisor.leave);
  // what the application left open must not keep a process that has drained
  setTimeout(() => process.exit(code), 1_000).unref();
  return code;
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

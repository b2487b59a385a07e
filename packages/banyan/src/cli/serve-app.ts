import { runProcess, serve, type Served, type ServeOptions } from "@banyan/node";
import type { App } from "@banyan/core";
import { existsSync } from "node:fs";
import { open, url as inspectorUrl } from "node:inspector";
import { dirname, join, resolve } from "node:path";
import type { ExitCode } from "./command.ts";
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
  const file = settingsFile(settings, { config, cwd: io.cwd });
  const supervisor = connectToSupervisor(io.env);
  const code = await runProcess(async () => {
    const app = await loadApp(config).finally(supervisor.tellFiles);
    const served = await serve(app, { ...options, ...file, env: io.env, ...(json ? { log: "json" } : {}) });
    if (options.mode === "dev" && !json) io.out(banner(app, served, options));
    return served;
  }).finally(supervisor.leave);
  // what the application left open must not keep a process that has drained
  setTimeout(() => process.exit(code), 1_000).unref();
  return code;
}

function settingsFile(
  named: string | undefined,
  { config, cwd }: { readonly config: string; readonly cwd: string },
): { readonly settingsFile?: string } {
  const usual = join(dirname(config), "banyan.json");
  if (named === undefined) return existsSync(usual) ? { settingsFile: usual } : {};
  return { settingsFile: resolve(cwd, named) };
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

import { join, resolve, sep } from "node:path";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";
import type { Io } from "../io.ts";
import { DATA, HOST, INSPECT, PORT, SETTINGS } from "../serving-options.ts";

export const devCommand: Command = defineCommand({
  name: "dev",
  summary: "Run all contexts in one process, with faults of the wire injected and printed",
  example: "dev --port 4000",
  exit1: "what it ran could not go on",
  options: {
    config: CONFIG,
    host: HOST,
    port: PORT,
    data: DATA,
    settings: SETTINGS,
    inspect: INSPECT,
    watch: { kind: "flag", default: true, description: "do not start again when a file changes" },
    faults: { kind: "flag", default: true, description: "inject no faults" },
    seed: { kind: "flag", default: true, description: "leave the seeds of a fresh data folder out" },
    reset: { kind: "flag", default: false, description: "move the database aside and begin with a fresh one" },
    "grpc-port": { kind: "later" },
  },
  async run({ config: option, host, port, data: folder, settings, inspect, watch, faults, seed, reset, json }, io) {
    const config = configFile(option, io);
    const data = resolve(io.cwd, folder);
    // here and not where it is served, so that a change of a file does not do it again
    if (reset) await moveAside(data, json, io);
    if (watch) {
      const words = ["dev", "--no-watch", "--config", config, "--host", host, "--port", String(port), "--data", data];
      const { supervise } = await import("../supervise.ts");
      return supervise(
        {
          config,
          // code beside the data is watched all the same
          data: config.startsWith(`${data}${sep}`) ? join(data, ".banyan") : data,
          ...(settings === undefined ? {} : { settings: resolve(io.cwd, settings) }),
          words: [
            ...words,
            ...(settings === undefined ? [] : ["--settings", resolve(io.cwd, settings)]),
            ...(inspect === undefined ? [] : [`--inspect=${inspect}`]),
            ...(faults ? [] : ["--no-faults"]),
            ...(seed ? [] : ["--no-seed"]),
            ...(json ? ["--json"] : []),
          ],
        },
        io,
      );
    }
    const { serveApp } = await import("../serve-app.ts");
    return serveApp({ mode: "dev", config, settings, inspect, host, port, data, faults, seeds: seed, json }, io);
  },
});

async function moveAside(data: string, json: boolean, io: Io): Promise<void> {
  const { resetData } = await import("@banyan/node");
  const aside = resetData(data);
  if (json) return io.out(`${JSON.stringify({ reset: { data, aside } })}\n`);
  io.out(`banyan dev: ${aside === undefined ? `there was no data in ${data}` : `the data so far is in ${aside}`}\n`);
}

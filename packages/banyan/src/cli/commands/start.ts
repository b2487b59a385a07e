import { resolve } from "node:path";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";
import { DATA, HOST, INSPECT, PORT, SETTINGS } from "../serving-options.ts";

export const startCommand: Command = defineCommand({
  name: "start",
  summary: "Run one process of the topology in production",
  example: "start --host 0.0.0.0 --port 8080 --data /var/lib/shop",
  exit1: "what it ran could not go on",
  options: {
    process: { kind: "string", value: "NAME", description: "the process of the topology to run" },
    config: CONFIG,
    host: HOST,
    port: PORT,
    data: DATA,
    settings: SETTINGS,
    inspect: INSPECT,
    hold: {
      kind: "list",
      value: "NAME",
      description: "subscriptions that stand still, whether this code has them or only the store",
    },
    "grpc-port": { kind: "later" },
  },
  async run({ process: name, config: option, host, port, data: folder, settings, inspect, hold, json }, io) {
    const config = configFile(option, io);
    const { serveApp } = await import("../serve-app.ts");
    const named = name === undefined ? {} : { process: name };
    const data = resolve(io.cwd, folder);
    return serveApp({ mode: "start", config, settings, inspect, host, port, data, hold, json, ...named }, io);
  },
});

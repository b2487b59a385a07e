import { resolve } from "node:path";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";
import { DATA, HOST, PORT } from "../serving-options.ts";

export const startCommand: Command = defineCommand({
  name: "start",
  summary: "Run one process of the topology in production",
  options: {
    process: { kind: "string", value: "NAME", description: "the process of the topology to run" },
    config: CONFIG,
    host: HOST,
    port: PORT,
    data: DATA,
    hold: { kind: "list", value: "NAME", description: "stored names this code does not have, which stand still" },
    "grpc-port": { kind: "later" },
  },
  async run({ process: name, config: option, host, port, data, hold, json }, io) {
    const config = configFile(option, io);
    const { serveApp } = await import("../serve-app.ts");
    const named = name === undefined ? {} : { process: name };
    return serveApp({ mode: "start", config, host, port, data: resolve(io.cwd, data), hold, json, ...named }, io);
  },
});

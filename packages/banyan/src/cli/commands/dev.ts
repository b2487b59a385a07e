import { BanyanError } from "@banyan/core";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG } from "../config-file.ts";
import { DATA, HOST, PORT } from "../serving-options.ts";

export const devCommand: Command = defineCommand({
  name: "dev",
  summary: "Run all contexts in one process, with faults of the wire injected and printed",
  options: {
    config: CONFIG,
    host: HOST,
    port: PORT,
    data: DATA,
    watch: { kind: "flag", default: true, description: "do not start again when a file changes" },
    faults: { kind: "flag", default: true, description: "inject no faults" },
    reset: { kind: "later" },
    "grpc-port": { kind: "later" },
  },
  run() {
    throw new BanyanError("not-available-yet", "banyan dev cannot run an application yet.");
  },
});

import { BanyanError } from "@banyan/core";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG } from "../config-file.ts";
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
  run() {
    throw new BanyanError("not-available-yet", "banyan start cannot run an application yet.");
  },
});

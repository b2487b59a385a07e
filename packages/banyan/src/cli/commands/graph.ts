import { BanyanError } from "@banyan/core";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG } from "../config-file.ts";

export const graphCommand: Command = defineCommand({
  name: "graph",
  summary: "The manifest: contexts, contracts, edges, subscriptions, processes",
  options: { config: CONFIG },
  run() {
    throw new BanyanError("not-available-yet", "banyan graph cannot read an application yet.");
  },
});

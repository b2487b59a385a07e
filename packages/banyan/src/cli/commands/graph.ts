import { manifestOf, violationsError } from "@banyan/core";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";

export const graphCommand: Command = defineCommand({
  name: "graph",
  summary: "The manifest: contexts, contracts, edges, subscriptions, processes",
  example: "graph --json",
  options: { config: CONFIG },
  async run({ config, json }, io) {
    const path = configFile(config, io);
    const { loadApp } = await import("../load-app.ts");
    const app = await loadApp(path);
    const { registrationViolations } = await import("../registration.ts");
    const violations = registrationViolations(app);
    if (violations.length > 0) throw violationsError(violations);
    const { graphText } = await import("../graph-text.ts");
    const manifest = manifestOf(app);
    io.out(json ? `${JSON.stringify(manifest)}\n` : graphText(manifest));
    return 0;
  },
});

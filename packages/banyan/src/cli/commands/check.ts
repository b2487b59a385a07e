import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";

export const checkCommand: Command = defineCommand({
  name: "check",
  summary: "Judge boundaries, declared uses and policies by the sources alone",
  options: { config: CONFIG },
  async run({ config, json }, io) {
    const { check, formatReport } = await import("../../check/index.ts"); // a native parser, which nothing else needs
    const report = check({ config: configFile(config, io), base: io.cwd });
    io.out(json ? `${JSON.stringify(report)}\n` : formatReport(report));
    if (report.unjudged.length > 0) return 2;
    return report.ok ? 0 : 1;
  },
});

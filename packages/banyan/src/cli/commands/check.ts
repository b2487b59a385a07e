import type { Registered } from "../../check/index.ts";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";

export const checkCommand: Command = defineCommand({
  name: "check",
  summary: "Judge boundaries, declared uses and policies by the sources, and registration by running the config file",
  example: "check",
  exit1: "something breaks a rule",
  options: { config: CONFIG },
  async run({ config: option, json }, io) {
    // a native parser, and a process that runs contexts: nothing else needs them
    const { check, formatReport, withRegistered } = await import("../../check/index.ts");
    const config = configFile(option, io);
    const read = check({ config, base: io.cwd });
    // what cannot be read cannot be run either, and would be said twice
    const whole =
      read.unjudged.length > 0 ? read : withRegistered(read, await registered(config), { config, base: io.cwd });
    io.out(json ? `${JSON.stringify(whole)}\n` : formatReport(whole));
    if (whole.unjudged.length > 0) return 2;
    return whole.ok ? 0 : 1;
  },
});

async function registered(config: string): Promise<Registered> {
  const [{ loadApp }, { registrationViolations }] = await Promise.all([
    import("../load-app.ts"),
    import("../registration.ts"),
  ]);
  try {
    return { violations: registrationViolations(await loadApp(config)) };
  } catch (failure) {
    return { failure };
  }
}

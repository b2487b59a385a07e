import { resolve } from "node:path";
import { defineCommand, type Command, type ExitCode } from "../command.ts";
import { CONFIG } from "../config-file.ts";
import { DATA, SETTINGS } from "../serving-options.ts";

const EXIT: Readonly<Record<"pass" | "fail" | "unknown", ExitCode>> = { pass: 0, fail: 1, unknown: 2 };

export const doctorCommand: Command = defineCommand({
  name: "doctor",
  summary: "Runtime, data, delivery and security controls: PASS, WARN or FAIL each, with the remedy",
  example: "doctor --json",
  exit1: "something is FAIL",
  options: { config: CONFIG, data: DATA, settings: SETTINGS },
  async run({ config, data, settings, json }, io) {
    const [{ gather }, { diagnose }, { doctorText }] = await Promise.all([
      import("../../doctor/gather.ts"),
      import("../../doctor/diagnosis.ts"),
      import("../../doctor/doctor-text.ts"),
    ]);
    const diagnosis = diagnose(await gather({ data: resolve(io.cwd, data), config, settings }, io));
    io.out(json ? `${JSON.stringify(diagnosis)}\n` : doctorText(diagnosis));
    return EXIT[diagnosis.verdict];
  },
});

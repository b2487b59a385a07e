import { relative, resolve } from "node:path";
import { BanyanError } from "@banyan/core";
import { defineCommand, type Command } from "../command.ts";

export const initCommand: Command = defineCommand({
  name: "init",
  summary: "Begin: the least that runs, in an empty folder or a TypeScript repository; writes over nothing",
  example: "init my-app",
  options: {
    dir: { kind: "argument", optional: true, value: "DIR", description: "the folder (default: this one)" },
    write: {
      kind: "flag",
      default: false,
      description: "where there is a package.json, add its dependencies and scripts instead of printing them",
    },
  },
  async run({ dir, write, json }, { cwd, out }) {
    const [{ planOf }, { addLines, writeFiles }] = await Promise.all([
      import("../../init/plan.ts"),
      import("../../init/write.ts"),
    ]);
    const folder = resolve(cwd, dir ?? ".");
    const plan = planOf(folder);
    if (write && plan.kind === "new")
      throw new BanyanError("option-invalid", `--write adds to a package.json, and ${folder} has none.`);
    writeFiles(folder, plan);
    if (write) addLines(folder, plan);
    const { kind, files, lines, ignore, exclude } = plan;
    const { initText } = await import("../../init/init-text.ts");
    const told = { folder, kind, files: [...files.keys()], lines, ignore, exclude, added: write };
    if (json) out(`${JSON.stringify(told)}\n`);
    else out(initText(plan, { folder: relative(cwd, folder), added: write }));
    return 0;
  },
});

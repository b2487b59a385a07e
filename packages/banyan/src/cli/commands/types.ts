import { relative, resolve } from "node:path";
import { defineCommand, type Command } from "../command.ts";
import { CONFIG, configFile } from "../config-file.ts";

export const typesCommand: Command = defineCommand({
  name: "types",
  summary: "Describe the tables of each context in TypeScript, from its migrations",
  example: "types --check",
  exit1: "a file is not what it should be (with `--check`)",
  options: {
    config: CONFIG,
    context: { kind: "list", value: "NAME", description: "only these contexts (default: all that have tables)" },
    out: { kind: "string", value: "DIR", description: "one folder for all (default: tables.ts beside each context)" },
    check: { kind: "flag", default: false, description: "write nothing; 1 when a file is not what it should be" },
  },
  async run({ config: option, context: contexts, out, check, json }, io) {
    const config = configFile(option, io);
    const { loadApp } = await import("../load-app.ts");
    const { stateOf, tableFiles, writeTableFile } = await import("../../table-types/table-files.ts");
    const folder = out === undefined ? undefined : resolve(io.cwd, out);
    const wanted = tableFiles(await loadApp(config), { contexts, out: folder });
    // before anything is written: a file that is somebody's own is an error
    const states = wanted.map((one) => ({ ...one, state: stateOf(one) }));
    const due = states.filter(({ state }) => state !== "current");
    if (!check) for (const one of due) writeTableFile(one);
    const files = states.map(({ context, file, state }) => ({
      context,
      file: relative(io.cwd, file).replaceAll("\\", "/"),
      state: check || state === "current" ? state : "written",
    }));
    const ok = !check || due.length === 0;
    const lines = files.map(({ file, state }) => `${state.padEnd(8)} ${file}\n`).join("");
    const remedy = ok ? "" : "`banyan types` writes them.\n";
    io.out(json ? `${JSON.stringify({ ok, files })}\n` : `${lines}${remedy}`);
    return ok ? 0 : 1;
  },
});

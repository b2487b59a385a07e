import { resolve } from "node:path";
import { contextsText } from "../contexts-text.ts";
import { defineCommand, type Command } from "../command.ts";
import { CHANGE, operatorOf } from "../operating-options.ts";
import { DATA } from "../serving-options.ts";

export const restoreCommand: Command = defineCommand({
  name: "restore",
  summary: "Put a backup into a data folder without a database; its logs get new incarnations",
  example: 'restore /backups/shop.db --data restored --why "the disk died"',
  options: {
    file: { kind: "argument", value: "FILE", description: "a file that `banyan backup` has written" },
    data: DATA,
    ...CHANGE,
  },
  async run({ file, data, why, as, json }, { cwd, out }) {
    const by = operatorOf("restore", { as, why });
    const { restoreBackup } = await import("@banyan/node");
    const from = resolve(cwd, file);
    const restored = restoreBackup(from, resolve(cwd, data), by);
    if (json) out(`${JSON.stringify({ file: from, ...restored })}\n`);
    else out(`restored ${from} into ${restored.data}\n${contextsText(restored.contexts)}`);
    return 0;
  },
});

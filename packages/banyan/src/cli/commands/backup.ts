import { resolve } from "node:path";
import { isBanyanError } from "@banyan/core";
import type { Backup } from "@banyan/node";
import { contextsText } from "../contexts-text.ts";
import { defineCommand, type Command } from "../command.ts";
import { DATA } from "../serving-options.ts";

/** A copy of much data takes its time. */
const ANSWER_MS = 6 * 60 * 60 * 1_000;

export const backupCommand: Command = defineCommand({
  name: "backup",
  summary: "Copy the data into one file, while the application runs or not",
  example: "backup /backups/shop.db --data .banyan",
  options: {
    file: { kind: "argument", value: "FILE", description: "the file to write, which must not exist" },
    data: DATA,
  },
  async run({ file, data, json }, { cwd, out }) {
    const { bytes, contexts, ...made } = await backUp(resolve(cwd, data), resolve(cwd, file));
    if (json) out(`${JSON.stringify({ ...made, bytes, contexts })}\n`);
    else out(`backed up to ${made.file}, ${bytes} bytes\n${contextsText(contexts)}`);
    return 0;
  },
});

/** The lock of the folder decides: whoever has it makes the backup. */
async function backUp(data: string, file: string): Promise<Backup> {
  const { backupFolder, OpsClient, socketDoor } = await import("@banyan/node");
  try {
    return await backupFolder(data, file);
  } catch (error) {
    if (!isBanyanError(error) || error.code !== "data-locked") throw error;
    return new OpsClient(socketDoor(data), { answerMs: ANSWER_MS }).backup(file);
  }
}

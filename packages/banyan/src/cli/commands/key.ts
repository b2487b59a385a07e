import { BanyanError, isBanyanError } from "@banyan/core";
import { defineCommand, type Command } from "../command.ts";

/** The key is shown once: what is kept, here and in the configuration, is its hash. */
export const keyCommand: Command = defineCommand({
  name: "key",
  summary: "Make an API key for a machine: the key, and the hash that the application keeps",
  example: "key billing",
  options: {
    id: { kind: "argument", value: "ID", description: "who has it: lower-case letters, digits and hyphens" },
  },
  async run({ id, json }, io) {
    const { key, hash } = await keyFor(id);
    const told = `key   ${key}\nhash  ${hash}\n\nGive the key to "${id}": it is not shown again. List its hash in \`apiKeys\`.\n`;
    io.out(json ? `${JSON.stringify({ id, key, hash })}\n` : told);
    return 0;
  },
});

/** Here it is not a configuration that is wrong, but what was typed. */
async function keyFor(id: string): Promise<{ readonly key: string; readonly hash: string }> {
  const { newApiKey } = await import("@banyan/node");
  try {
    return newApiKey(id);
  } catch (error) {
    if (!isBanyanError(error) || error.code !== "config-invalid") throw error;
    const words = `"${id}" is not an id for a key.`;
    throw new BanyanError("option-invalid", words, {
      cause: error,
      remedy: "Give lower-case letters, digits and hyphens: `banyan key billing`.",
    });
  }
}

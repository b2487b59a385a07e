import type { Acknowledged } from "../history.ts";
import type { Breach } from "../simulation.ts";
import { breach, countBy } from "./breach.ts";
import type { Remains } from "./remains.ts";

/** Every acknowledged command is there once, and no command is there that nobody was told of: clients ask until they are answered. */
export function judgeCommands({ effects }: Remains, acknowledged: readonly Acknowledged[]): readonly Breach[] {
  const commands = effects.filter((row) => row.kind === "command");
  const counts = countBy(commands, (row) => row.cause);
  const told = new Map(acknowledged.map((answer) => [answer.commandId, answer]));
  const breaches: Breach[] = [];
  for (const { operation, commandId, key } of told.values()) {
    const count = counts.get(commandId) ?? 0;
    if (count === 0)
      breaches.push(
        breach("acknowledged", `"${operation}" under the key ${key} was answered as ${commandId}, and is not there.`),
      );
    if (count > 1) breaches.push(breach("effect-once", `"${operation}" ${commandId} took effect ${count} times.`));
  }
  for (const { name, cause, principal } of commands) {
    if (told.has(cause) || principal.startsWith("context:")) continue;
    breaches.push(
      breach(
        "effect-once",
        `"${name}" was executed as ${cause} for ${principal}, who was never told: it was executed under another id as well.`,
      ),
    );
  }
  return breaches;
}

import { isAccepted, type CommandDefinition } from "../context/index.ts";
import { namedFields, validate, type OperationContract } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Host } from "./host.ts";

/** What an operation answered; `empty` where its contract has no output. */
export interface Answered {
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: unknown;
}

export function checkedOutput(contract: OperationContract, value: unknown): unknown {
  if (contract.output === undefined) return undefined;
  const checked = validate<unknown>(contract.output, value);
  if (checked.ok) return namedFields<unknown>(contract.output, checked.value);
  throw new BanyanError("output-invalid", `"${contract.name}" answered something its contract does not allow.`, {
    details: { issues: checked.issues },
  });
}

/** What a body answered, without what must never be stored. */
export function storedAnswer(definition: CommandDefinition, host: Host, value: unknown): Answered {
  const accepted = isAccepted(value);
  const plain = accepted ? value.value : value;
  const added = definition.unstored?.(plain, { ports: host.ports }) ?? {};
  // The whole answer is checked now, while it can still be rolled back; what `unstored` adds is then left out again.
  const whole = checkedOutput(
    definition.contract,
    definition.unstored === undefined ? plain : { ...(plain as object), ...added },
  );
  if (definition.contract.output === undefined) return { answer: accepted ? "accepted" : "empty", value: undefined };
  const names = Object.keys(added);
  const kept =
    names.length === 0
      ? whole
      : Object.fromEntries(Object.entries(whole as object).filter(([name]) => !names.includes(name)));
  return { answer: accepted ? "accepted" : "ok", value: kept };
}

/** An answer as it is given, with what is never stored. */
export function withUnstored(definition: CommandDefinition, host: Host, value: unknown): unknown {
  if (definition.unstored === undefined) return value;
  return { ...(value as object), ...definition.unstored(value, { ports: host.ports }) };
}

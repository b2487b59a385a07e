import type { SubscriptionDefinition } from "../context/index.ts";
import { personalValues, readEvent } from "../contract/index.ts";
import { asBanyanError, withoutWords, type BanyanError } from "../error/index.ts";
import type { Codec, Entry } from "../ports/index.ts";
import type { Delivery } from "./deliver.ts";

/** What an attempt threw, in words that repeat nothing personal of its entries: they are stored, signalled and logged. */
export function attemptFailure(
  thrown: unknown,
  { subscription, definition }: Pick<Delivery, "subscription" | "definition">,
  of: { readonly entries: readonly Entry[]; readonly codec: Codec },
): BanyanError {
  const values = of.entries.flatMap((entry) => personalOf(definition, entry, of.codec));
  return withoutWords(asBanyanError(thrown, `"${subscription}"`), values);
}

/** As it is stored, and as the handler has it. */
function personalOf({ contracts }: SubscriptionDefinition, entry: Entry, codec: Codec): readonly string[] {
  const contract = contracts.find(({ name }) => name === entry.type);
  const fields = contract?.personal?.fields ?? [];
  if (contract === undefined || fields.length === 0) return [];
  try {
    const stored = personalValues(codec.decode(entry.body), fields);
    const read = readEvent(contract, entry.version, codec.decode(entry.body));
    return read.ok ? [...stored, ...personalValues(read.data, fields)] : stored;
  } catch {
    // what cannot be decoded was not handed to anybody
    return [];
  }
}

import { callSite } from "./site.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** Written as the `key` of an event on purpose: its entries have no order among each other. */
export interface NoKey {
  readonly none: true;
}
export const none: NoKey = { none: true };

/** An event others may subscribe to: a fact of its owner, named `context.past-tense`, versioned and keyed. */
export interface EventContract<Type extends string = string, Data = unknown> {
  readonly kind: "event";
  readonly name: Type;
  readonly version: number;
  /** The field of the data whose value orders its entries, or `none`. */
  readonly key: string | NoKey;
  readonly schema: StandardSchema<unknown, Data>;
  readonly personal: PersonalFields | undefined;
  readonly at: string;
}

/** Fields that say something about a person: whose they are, and which, as dotted paths into the data. */
export interface PersonalFields {
  readonly subject: string;
  readonly fields: readonly string[];
}

export interface EventOptions<Data> {
  /** 1 for the first; additive changes keep it. */
  readonly version: number;
  readonly key: (keyof Data & string) | NoKey;
  readonly data: StandardSchema<unknown, Data>;
  readonly personal?: { readonly subject: keyof Data & string; readonly fields: readonly string[] };
}

export function event<const Type extends string, Data>(
  name: Type,
  options: EventOptions<Data>,
): EventContract<Type, Data> {
  const { version, key, data, personal } = options;
  return { kind: "event", name, version, key, schema: data, personal, at: callSite(1) };
}

/** The data of an event, as handlers receive it. */
export type DataOf<E> = E extends EventContract<string, infer Data> ? Data : never;

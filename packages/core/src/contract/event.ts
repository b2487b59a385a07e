import type { WithErased } from "./erased.ts";
import { callSite } from "./site.ts";
import type { StandardSchema } from "./standard-schema.ts";

/** Written as the `key` of an event on purpose: its entries have no order among each other. */
export interface NoKey {
  readonly none: true;
}
export const none: NoKey = { none: true };

/** Some event has personal fields anywhere; an event written out by its name has those that are written out, or none. */
type PersonalOf<Type extends string> = string extends Type ? string : never;

/**
 * An event others may subscribe to: a fact of its owner, named `context.past-tense`, versioned and keyed. `Personal` = the paths of
 * its personal fields.
 */
export interface EventContract<
  Type extends string = string,
  Data = unknown,
  Personal extends string = PersonalOf<Type>,
> {
  readonly kind: "event";
  readonly name: Type;
  readonly version: number;
  /** The field of the data whose value orders its entries, never a personal one, or `none`. */
  readonly key: string | NoKey;
  readonly schema: StandardSchema<unknown, Data>;
  readonly personal: PersonalFields<Personal> | undefined;
  readonly upcast: Upcasts;
  readonly samples: Samples;
  readonly at: string;
}

/** Fields that say something about a person: whose they are, and which, as dotted paths into the data; lists on the way have no name. */
export interface PersonalFields<Personal extends string = string> {
  readonly subject: string;
  readonly fields: readonly Personal[];
}

/**
 * `upcast[n]` makes of the JSON of version n that of version n + 1. Synchronous and pure; what it gets is its own. A personal field
 * may be `Erased` there too.
 */
export type Upcasts = Readonly<Record<number, (old: any) => unknown>>;

/** Data as it was written in earlier versions (invented, never a person's): tried against the upcasts and the schema at start. */
export type Samples = Readonly<Record<number, readonly unknown[]>>;

export interface EventOptions<Data, Personal extends string = string> {
  /** 1 for the first; additive changes keep it. */
  readonly version: number;
  readonly key: (keyof Data & string) | NoKey;
  readonly data: StandardSchema<unknown, Data>;
  readonly personal?: { readonly subject: keyof Data & string; readonly fields: readonly Personal[] };
  /** One link from every earlier version that may still be in the log: a chain without a gap that ends at `version`. */
  readonly upcast?: Upcasts;
  readonly samples?: Samples;
}

export function event<const Type extends string, Data, const Personal extends string = never>(
  name: Type,
  options: EventOptions<Data, Personal>,
): EventContract<Type, Data, Personal> {
  const { version, key, data, personal, upcast = {}, samples = {} } = options;
  return { kind: "event", name, version, key, schema: data, personal, upcast, samples, at: callSite(1) };
}

/** The data of an event, as its owner emits it. */
export type DataOf<E> = E extends EventContract<string, infer Data> ? Data : never;

/** The data of an event, as handlers receive it: what is personal may have been erased since. */
export type ReceivedDataOf<E> =
  E extends EventContract<string, infer Data, infer Personal> ? WithErased<Data, Personal> : never;

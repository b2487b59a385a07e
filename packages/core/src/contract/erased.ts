/** Stands where a personal field was, in the stored JSON too, once it was erased. */
export interface Erased {
  readonly erased: true;
}

/** Whether a personal field was erased. */
export function isErased(value: unknown): value is Erased {
  if (typeof value !== "object" || value === null) return false;
  return (value as Partial<Erased>).erased === true && Object.keys(value).length === 1;
}

/** Data whose fields at these dotted paths may have been erased. Lists on the way have no name. */
export type WithErased<T, Path extends string> = [Path] extends [never]
  ? T
  : unknown extends T
    ? T
    : T extends object
      ? T extends readonly unknown[]
        ? { [K in keyof T]: WithErased<T[K], Path> }
        : { [K in keyof T]: WithErased<T[K], Below<K, Path>> | (Named<K, Path> extends true ? Erased : never) }
      : T;

/** In an object with any names, each of them may be meant. */
type Named<K, Path extends string> = string extends K ? true : K extends Path ? true : false;

type Below<K, Path extends string> = K extends string ? (Path extends `${K}.${infer Rest}` ? Rest : never) : never;

/** A path with the indexes of lists. */
export type ExactPath = readonly string[];

/** Where fields were erased, of those at dotted paths. */
export function erasedIn(data: unknown, fields: readonly string[]): readonly ExactPath[] {
  return fields.flatMap((field) => erasedBelow(data, field.split("."), []));
}

function erasedBelow(value: unknown, names: readonly string[], at: ExactPath): ExactPath[] {
  const [name, ...rest] = names;
  if (name === undefined) return isErased(value) ? [at] : [];
  if (Array.isArray(value)) return value.flatMap((item, i) => erasedBelow(item, names, [...at, String(i)]));
  return has(value, name) ? erasedBelow(value[name], rest, [...at, name]) : [];
}

/** A copy of data with a field erased, or taken out. What is not there stays so. */
export function replaced(data: unknown, path: ExactPath, by: Erased | undefined): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return by;
  if (Array.isArray(data)) return data.map((item, i) => (String(i) === name ? replaced(item, rest, by) : item));
  if (typeof data !== "object" || data === null) return data;
  const { [name]: inner, ...others } = data as Record<string, unknown>;
  const next = replaced(inner, rest, by);
  return next === undefined ? others : { ...others, [name]: next };
}

/** A copy of data with all fields at dotted paths erased, those that are there. */
export function erase(data: unknown, fields: readonly string[]): unknown {
  return fields.reduce((rest, field) => erasedAt(rest, field.split(".")), data);
}

function erasedAt(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return { erased: true };
  if (Array.isArray(value)) return value.map((item) => erasedAt(item, [name, ...rest]));
  return has(value, name) ? { ...value, [name]: erasedAt(value[name], rest) } : value;
}

/** Whether the data has the field erased there. */
export function isErasedAt(data: unknown, path: ExactPath): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return isErased(data);
  return has(data, name) && isErasedAt(data[name], rest);
}

function has(value: unknown, name: string): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}

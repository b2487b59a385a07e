/** A field that a request of the operations API reads. */
export interface AskedField {
  readonly name: string;
  readonly optional: boolean;
}

const READ = /input\.(text|wholeNumber|oneOf)(OrNone)?\("(\w+)"/g;

/** Which fields the function of that name reads, by its source: what is read is what may be sent, since every other field is refused. */
export function fieldsAsked(source: string, name: string): readonly AskedField[] {
  const body = new RegExp(`^(?:async )?function ${name}\\([^]*?^}`, "m").exec(source)?.[0];
  if (body === undefined) throw new Error(`There is no function ${name}.`);
  const own = [...body.matchAll(READ)].map(([, , optional, field = ""]) => ({
    name: field,
    optional: optional !== undefined,
  }));
  return body.includes("operatorOf(") && name !== "operatorOf" ? [...own, ...fieldsAsked(source, "operatorOf")] : own;
}

import { BanyanError } from "@banyan/core";

/** The fields of a request to the operations API, each asked for by name; one that nobody asks for is refused, since it would do nothing. */
export class OpsInput {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #asked = new Set<string>();

  constructor(fields: unknown) {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
      throw invalid("", "must be a JSON object");
    }
    this.#fields = fields as Readonly<Record<string, unknown>>;
  }

  /** Says something: more than spaces. */
  text(name: string, most: number): string {
    const value = this.textOrNone(name, most);
    if (value === undefined) throw invalid(name, "is missing");
    if (value.trim() === "") throw invalid(name, "must not be empty");
    return value;
  }

  textOrNone(name: string, most: number): string | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw invalid(name, "must be a text");
    if (value.length > most) throw invalid(name, `must have at most ${most} characters`);
    return value;
  }

  wholeNumber(name: string, range: { readonly min: number; readonly max: number }): number {
    const value = this.wholeNumberOrNone(name, range);
    if (value === undefined) throw invalid(name, "is missing");
    return value;
  }

  /** Of a query, where everything is text, the digits count. */
  wholeNumberOrNone(name: string, range: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^\d{1,16}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && Number.isSafeInteger(number) && number >= range.min && number <= range.max) {
      return number;
    }
    throw invalid(name, `must be a whole number from ${range.min} to ${range.max}`);
  }

  oneOfOrNone<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.#take(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw invalid(name, `must be one of ${choices.join(", ")}`);
    return found;
  }

  /** To be called once all fields were asked for. */
  nothingElse(): void {
    const unknown = Object.keys(this.#fields).find((name) => !this.#asked.has(name));
    if (unknown !== undefined) throw invalid(unknown, "is not a field of this request");
  }

  #take(name: string): unknown {
    this.#asked.add(name);
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }
}

function invalid(path: string, message: string): BanyanError {
  const subject = path === "" ? "The body" : `"${path}"`;
  return new BanyanError("input-invalid", `${subject} ${message}.`, { details: { issues: [{ path, message }] } });
}

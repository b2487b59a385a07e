import type { StandardSchema } from "../contract/index.ts";

const SHOWN = "[secret]";

/**
 * A value that is not to be seen: text, JSON, templates, `console.log` and errors show `[secret]`, a structured clone has nothing in it.
 * `reveal()` gives it; call that where it is used, not where it is kept.
 */
export class Secret<T = string> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [Symbol.toPrimitive](): string {
    return SHOWN;
  }
}

// what Node's `util.inspect` asks for, and so `console.log`
Object.defineProperty(Secret.prototype, Symbol.for("nodejs.util.inspect.custom"), { value: () => SHOWN });

/** A setting whose value is a secret. */
export interface SecretSetting<T> {
  readonly "~secret": StandardSchema<unknown, T>;
}

/** Declares a setting as a secret: `apiKey: secret(z.string().min(16))` is a `Secret<string>` for who reads it. */
export function secret<T>(schema: StandardSchema<unknown, T>): SecretSetting<T> {
  return { "~secret": schema };
}

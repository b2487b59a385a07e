import type { Once } from "../context/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Platform } from "../ports/index.ts";
import { actKey, outcomeOf, type Acting, type Outside } from "./acts.ts";

/** The outside as a dry replay shows it to one entry: what was recorded is given back, and nothing is done. */
export class DryReplayOutside implements Outside {
  readonly #platform: Platform;
  #refused: string | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** What was asked for that a dry replay does not do, whatever became of the refusal. */
  get refused(): string | undefined {
    return this.#refused;
  }

  toolFor({ stableKey }: Acting): Once {
    return async (name) => {
      const known = await this.#platform.store.actOf(actKey(stableKey, name));
      if (known?.state === "done") return outcomeOf(known, this.#platform.codec) as never;
      return this.#refuse(`no outcome of "${name}" is recorded`);
    };
  }

  command(name: string): void {
    this.#refuse(`it calls the command "${name}"`);
  }

  /** The ports with every function replaced: `once` acts by them, and asks for none here; whoever asks for one would act. */
  ports(ports: unknown, name = "ports"): unknown {
    if (typeof ports === "function") return () => this.#refuse(`it uses \`${name}\``);
    if (typeof ports !== "object" || ports === null) return ports;
    return new Proxy(
      {},
      {
        get: (_, key) => (typeof key === "string" ? this.#part(ports, key, `${name}.${key}`) : undefined),
      },
    );
  }

  /** What is computed when it is asked for is code of the port, too. */
  #part(of: object, key: string, name: string): unknown {
    for (let holder: object | null = of; holder !== null; holder = Reflect.getPrototypeOf(holder)) {
      const found = Reflect.getOwnPropertyDescriptor(holder, key);
      if (found === undefined) continue;
      return "value" in found ? this.ports(found.value, name) : this.#refuse(`it uses \`${name}\``);
    }
    return undefined;
  }

  #refuse(reason: string): never {
    this.#refused ??= reason;
    throw new BanyanError("not-in-dry-replay", `A dry replay goes no further here: ${reason}.`);
  }
}

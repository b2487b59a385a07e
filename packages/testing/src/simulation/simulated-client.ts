import {
  isBanyanError,
  type BanyanError,
  type Clock,
  type CommandContract,
  type InputOf,
  type OutputOf,
  type QueryContract,
  type Request,
} from "@banyan/core";
import type { History } from "./history.ts";
import type { Life } from "./life.ts";
import type { Nemesis } from "./nemesis.ts";
import type { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Asking, Client, Outcome } from "./simulation.ts";
import type { Wire } from "./wire.ts";

export interface ClientSurroundings {
  readonly wire: Wire;
  readonly scheduler: Scheduler;
  readonly nemesis: Nemesis;
  readonly history: History;
}

const LONGEST_WAIT_MS = 500;
/** An internal error may be mended by asking again, as a person would; not for ever. */
const INTERNAL_TRIES = 20;

/** Asks until it is answered, under the same key. */
export class SimulatedClient implements Client {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Prng;
  readonly #life: Life;
  readonly #around: ClientSurroundings;
  #keys = 0;
  /** What it waits for, for whoever asks why a run does not end. */
  doing = "nothing";

  constructor(life: Life, random: Prng, around: ClientSurroundings) {
    this.name = life.name;
    this.clock = around.scheduler.clock(life);
    this.random = random;
    this.#life = life;
    this.#around = around;
  }

  async sleep(ms: number): Promise<void> {
    this.doing = "a sleep";
    await this.#around.scheduler.sleep(this.#life, ms);
  }

  async command<C extends CommandContract>(what: C, input: InputOf<C>, by: Asking = {}): Promise<Outcome<OutputOf<C>>> {
    const idempotencyKey = by.key ?? `${this.name}-${++this.#keys}`;
    const request: Request = { ...this.#request(what.name, input, by), idempotencyKey };
    const outcome = await this.#untilAnswered(request);
    if (this.#around.nemesis.strikes("repeat")) {
      this.#around.nemesis.note("command repeated");
      this.#around.history.compare(request, outcome, await this.#untilAnswered(request));
    }
    return outcome as Outcome<OutputOf<C>>;
  }

  async query<Q extends QueryContract>(what: Q, input: InputOf<Q>, by: Asking = {}): Promise<Outcome<OutputOf<Q>>> {
    return (await this.#untilAnswered(this.#request(what.name, input, by))) as Outcome<OutputOf<Q>>;
  }

  #request(operation: string, input: unknown, by: Asking): Request {
    const { tenant = "simulation", headers = {} } = by;
    const principal = { tenants: [tenant], ...(by.principal ?? { id: this.name, roles: [] }) };
    return { operation, input, principal, tenant, headers };
  }

  async #untilAnswered(request: Request): Promise<Outcome<unknown>> {
    const { wire, scheduler, history, nemesis } = this.#around;
    let internal = 0;
    let gaveUp = false;
    for (let attempt = 1; ; attempt++) {
      this.doing = `"${request.operation}", attempt ${attempt}`;
      history.add(this.name, request, { event: "invoke", value: request.input });
      try {
        return history.answered(this.name, request, await wire.ask(this.#life, request, () => gaveUp));
      } catch (error) {
        if (!isBanyanError(error)) throw error;
        // Only those count: that nobody listened, or that an answer was lost, says nothing about what asking again would mend.
        if (error.kind === "internal") internal++;
        gaveUp = error.kind === "internal" && internal >= INTERNAL_TRIES;
        if (isFinal(error, internal)) return history.refused(this.name, request, error);
        history.add(this.name, request, {
          event: "info",
          value: error.code === "handler-failed" ? error.message : error.code,
        });
      }
      await scheduler.sleep(this.#life, 1 + nemesis.duration(LONGEST_WAIT_MS));
    }
  }
}

function isFinal({ code, retry, kind }: BanyanError, internal: number): boolean {
  if (kind === "internal") return internal >= INTERNAL_TRIES;
  return code !== "in-flight" && retry !== "later";
}

import { rolesOf, type App, type SeedBy, type Seeds } from "../context/index.ts";
import type { CommandContract } from "../contract/index.ts";
import { BanyanError, asBanyanError, isBanyanError } from "../error/index.ts";
import { canonicalJson, sha256 } from "../hash/index.ts";
import { DEFAULT_TENANT, EVERY_TENANT, type CommandRecord, type CommandScope, type Platform } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import type { Surroundings } from "./host.ts";
import type { Reply, Request } from "./request.ts";

/** `seeded`: now. `seeded-before`: an earlier start has. `not-fresh`: there was data before there were seeds. */
export type Seeded = "none" | "seeded" | "seeded-before" | "not-fresh";

export interface SeedingParts {
  readonly app: App;
  readonly around: Surroundings;
  readonly committer: Committer;
  execute(request: Request): Promise<Reply>;
}

interface Seed {
  readonly place: number;
  readonly what: CommandContract;
  readonly input: unknown;
  readonly by: SeedBy;
}

/** Marks are records of a command that nobody has, so that no store needs a place for them; they do not expire. */
const MARK = { tenant: DEFAULT_TENANT, principal: "seed", operation: "banyan.seed" };
const FOR_GOOD = Number.MAX_SAFE_INTEGER;
/** However many are sent without waiting, no more are asked of the process, which refuses what it cannot do soon. */
const AT_ONCE = 32;

/**
 * Runs the seeds of an application on fresh data, once.
 *
 * I1. Data is fresh while no log has an entry; once the seeds have begun, they go on at each start until all are done.
 * I2. The idempotency key of a seed is its place, so one that was executed before a crash is not executed again. Its record does not expire.
 * I3. A seed that was refused for good gets another key at the next start: what it was refused for may have been corrected.
 */
export class Seeding {
  readonly #parts: SeedingParts;
  readonly #platform: Platform;
  #sent = 0;
  /** Each seed goes once the one that is `AT_ONCE` places before it has ended. */
  readonly #ended: Promise<unknown>[] = [];

  constructor(parts: SeedingParts) {
    this.#parts = parts;
    this.#platform = parts.around.platform;
  }

  /** Throws `seed-failed` and `seed-changed`. */
  async run(): Promise<Seeded> {
    const { seeds } = this.#parts.app;
    if (seeds === undefined) return "none";
    if ((await this.#marked("done")) !== undefined) return "seeded-before";
    if ((await this.#marked("begun")) === undefined) {
      if (!(await this.#isFresh())) return "not-fresh";
      await this.#mark("begun");
    }
    await this.#sendAll(seeds);
    await this.#mark("done");
    return "seeded";
  }

  async #sendAll(seeds: Seeds): Promise<void> {
    const sent: Promise<unknown>[] = [];
    const send = (what: CommandContract, input: unknown, by: SeedBy = {}): Promise<unknown> => {
      const place = ++this.#sent;
      const turn = place % AT_ONCE;
      const before = this.#ended[turn] ?? Promise.resolve();
      const one = before.then(() => this.#send({ place, what, input, by }));
      // one that nobody waits for is told at the end
      this.#ended[turn] = one.catch(() => {});
      sent.push(one);
      return one;
    };
    try {
      await seeds({ send: send as never });
    } catch (error) {
      throw isBanyanError(error) ? error : failed("The seeds", asBanyanError(error, "The function"));
    } finally {
      await Promise.allSettled(sent);
    }
    await Promise.all(sent);
  }

  async #send(seed: Seed): Promise<unknown> {
    const { place, what, by } = seed;
    const { codec } = this.#platform;
    const input = seed.input === undefined ? undefined : codec.decode(codec.encode(seed.input));
    const key = await this.#keyOf(place, sha256(canonicalJson([what.name, input ?? null])));
    const principal = by.principal ?? { id: "seed", roles: rolesOf(this.#parts.app), tenants: EVERY_TENANT };
    const tenant = by.tenant ?? DEFAULT_TENANT;
    const request = { operation: what.name, input, principal, tenant, headers: {}, idempotencyKey: `seed:${key}` };
    try {
      const { value } = await this.#parts.execute({ ...request, keepMs: Infinity });
      return value === undefined ? undefined : codec.decode(codec.encode(value));
    } catch (thrown) {
      const error = asBanyanError(thrown, `"${what.name}"`);
      if (error.retry === "never") await this.#mark(`${key}:refused`);
      throw failed(`Seed ${place}, "${what.name}",`, error);
    }
  }

  /** The place, and which attempt at it this is; what is sent there is written down before it is sent. */
  async #keyOf(place: number, digest: string): Promise<string> {
    let attempt = 1;
    while ((await this.#marked(`${place}:${attempt}:refused`)) !== undefined) attempt++;
    const key = `${place}:${attempt}`;
    const begun = await this.#marked(key);
    if (begun === undefined) await this.#mark(key, digest);
    else if (begun.digest !== digest)
      throw new BanyanError("seed-changed", `Seed ${place} is another one than when the seeds began on this data.`);
    return key;
  }

  async #isFresh(): Promise<boolean> {
    const { store } = this.#platform;
    const extents = await Promise.all(this.#parts.app.contexts.map(({ name }) => store.extent(name)));
    return extents.every(({ last }) => last === 0);
  }

  #marked(key: string): Promise<CommandRecord | undefined> {
    const scope: CommandScope = { ...MARK, key };
    return this.#platform.store.recall(scope);
  }

  async #mark(key: string, digest = ""): Promise<void> {
    const { newId } = this.#parts.around;
    const kept = { outcome: "result", body: "null", at: this.#platform.clock.now(), expires: FOR_GOOD } as const;
    await this.#parts.committer.submit<void>({
      name: MARK.operation,
      context: this.#parts.app.contexts[0]?.name ?? "",
      bytes: 0,
      run: async (transaction) => {
        await transaction.remember({ ...MARK, key, digest, commandId: newId(), ...kept });
        return { value: undefined, emitted: [] };
      },
    });
  }
}

function failed(what: string, cause: BanyanError): BanyanError {
  const { code, message, remedy } = cause;
  return new BanyanError("seed-failed", `${what} failed: ${code}: ${message}${remedy === "" ? "" : ` (${remedy})`}`, {
    cause,
  });
}

import { BanyanError, type Principal, type RateOptions } from "@banyan/core";
import type { BodyBudget } from "./body-budget.ts";
import { Buckets } from "./buckets.ts";

export const DEFAULT_RATE: RateOptions = { perSecond: 100, burst: 1_000, concurrent: 500 };

/** The id of whoever has the development token: its limits are those of size. */
const UNLIMITED = "operator";
/** Refused tokens cost the work of judging them: of these an address has a tenth. */
const REFUSED_SHARE = 10;
/** So many times what others have on average is no greed: whoever asks at random has it now and then. */
const SHARES = 2;

export interface VisitsOptions {
  readonly now: () => number;
  /** Whether callers are held to their share. */
  readonly crowded?: () => boolean;
}

/** How much each caller asks. Knows at most as many callers as its buckets do, and those that have a request in flight. */
export class Visits {
  readonly #rate: RateOptions;
  readonly #asked: Buckets;
  readonly #refused: Buckets;
  readonly #inFlight = new Map<string, number>();
  readonly #crowded: () => boolean;
  #allInFlight = 0;

  /** Throws `config-invalid`. */
  constructor(rate: Partial<RateOptions>, { now, crowded = () => false }: VisitsOptions) {
    this.#crowded = crowded;
    this.#rate = checked({ ...DEFAULT_RATE, ...rate });
    const { perSecond, burst } = this.#rate;
    this.#asked = new Buckets({ perSecond, burst, now });
    this.#refused = new Buckets({
      perSecond: perSecond / REFUSED_SHARE,
      burst: Math.max(1, burst / REFUSED_SHARE),
      now,
    });
  }

  /** A request has come from there. */
  begin(address: string | undefined): Visit {
    return new Visit(this, address);
  }

  /** Before a token is judged, and after it was refused. */
  judge(address: string): void {
    limited(this.#refused.wait(address), "Too many tokens from this address were refused.");
  }

  refused(address: string): void {
    this.#refused.take(address, 1);
  }

  enter(caller: string): void {
    limited(this.#asked.wait(caller), "This caller asks more often than it may.");
    const inFlight = this.#inFlight.get(caller) ?? 0;
    limited(inFlight < this.#rate.concurrent ? 0 : 1_000, "This caller asks for more at once than it may.");
    limited(
      this.#over(inFlight) && this.#crowded() ? 1_000 : 0,
      "There is more to do than can be done, and this caller has more than its share.",
    );
    this.#asked.take(caller, 1);
    this.#allInFlight++;
    this.#inFlight.set(caller, inFlight + 1);
  }

  /** Whether with one more it would have more than its share: were it taken, it would be in the place of one of theirs. */
  #over(inFlight: number): boolean {
    const others = this.#inFlight.size - (inFlight > 0 ? 1 : 0);
    return others > 0 && inFlight + 1 > (SHARES * (this.#allInFlight - inFlight)) / others;
  }

  more(caller: string, count: number): void {
    this.#asked.take(caller, count);
  }

  leave(caller: string): void {
    this.#allInFlight--;
    const inFlight = (this.#inFlight.get(caller) ?? 1) - 1;
    if (inFlight > 0) this.#inFlight.set(caller, inFlight);
    else this.#inFlight.delete(caller);
  }
}

/** One request, from when it came until it has its answer. */
export class Visit {
  readonly #visits: Visits;
  readonly #address: string | undefined;
  #caller: string | undefined;
  #bodies: BodyBudget | undefined;
  #bytes = 0;

  constructor(visits: Visits, address: string | undefined) {
    this.#visits = visits;
    this.#address = address;
  }

  /** What its body takes, piece by piece, of what all bodies may. */
  holdIn(bodies: BodyBudget): (bytes: number) => void {
    this.#bodies = bodies;
    return (bytes) => {
      bodies.hold(bytes);
      this.#bytes += bytes;
    };
  }

  /** Throws `rate-limited` where too many tokens from there were refused. */
  judge(): void {
    if (this.#address !== undefined) this.#visits.judge(this.#address);
  }

  refused(): void {
    if (this.#address !== undefined) this.#visits.refused(this.#address);
  }

  /** Now it is known who asks. Throws `rate-limited`. Guests whose address is not known are their host's to limit. */
  enter({ id }: Principal): void {
    const caller = id === "guest" ? this.#address : id;
    if (this.#caller !== undefined || caller === undefined || id === UNLIMITED) return;
    this.#visits.enter(caller);
    this.#caller = caller;
  }

  /** It asks for several things: they are done now, and are a debt that the next request waits for. */
  more(count: number): void {
    if (this.#caller !== undefined) this.#visits.more(this.#caller, count);
  }

  end(): void {
    if (this.#caller !== undefined) this.#visits.leave(this.#caller);
    this.#caller = undefined;
    this.#bodies?.release(this.#bytes);
    this.#bytes = 0;
  }
}

function limited(waitMs: number, words: string): void {
  if (waitMs > 0) throw new BanyanError("rate-limited", words, { retryAfterMs: waitMs });
}

function checked(rate: RateOptions): RateOptions {
  const wrong = Object.entries(rate).filter(([, most]) => typeof most !== "number" || !(most >= 1));
  if (wrong.length === 0) return rate;
  const names = wrong.map(([name]) => `\`${name}\``).join(", ");
  throw new BanyanError("config-invalid", `\`http.rate\`: ${names} is not a number from 1 on.`, {
    remedy: "Give numbers from 1 on; `Infinity` is no limit.",
  });
}

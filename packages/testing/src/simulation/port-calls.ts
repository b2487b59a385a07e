import type { Life } from "./life.ts";
import type { Nemesis } from "./nemesis.ts";
import type { Scheduler } from "./scheduler.ts";

/** What may befall a process at a call of one of its ports. */
export interface Fate {
  crash(life: Life, where: string): void;
  pause(life: Life): void;
  takeOver(life: Life): void;
  restart(life: Life): void;
}

const CRASH_AT_COMMIT = 10;
const LONGEST_DELAY_MS = 60;
const MOST_DRIFT = 0.05;
/** One answer in four takes a step of its own, so that others go on between the effect and its caller's learning of it. */
const LATE_ANSWER = 0.25;

/** Makes every call of a port a place where the scheduler decides who goes on, and where faults strike: before its effect and after it. */
export class PortCalls {
  readonly #life: Life;
  readonly #scheduler: Scheduler;
  readonly #nemesis: Nemesis;
  readonly #fate: Fate;

  constructor(life: Life, by: { readonly scheduler: Scheduler; readonly nemesis: Nemesis; readonly fate: Fate }) {
    this.#life = life;
    this.#scheduler = by.scheduler;
    this.#nemesis = by.nemesis;
    this.#fate = by.fate;
  }

  get life(): Life {
    return this.#life;
  }

  get nemesis(): Nemesis {
    return this.#nemesis;
  }

  async run<T>(label: string, call: () => Promise<T>): Promise<T> {
    await this.#before(label);
    const value = await call();
    return this.#after(label, value);
  }

  async #before(label: string): Promise<void> {
    await this.#point(label);
    if (!this.#nemesis.active) return;
    if (this.#crashes(label)) return this.#die(`before ${label}`);
    if (this.#nemesis.strikes("delay")) await this.#delay();
    if (this.#nemesis.strikes("clockJump")) this.#jumpWallClock();
    if (this.#nemesis.strikes("clockDrift")) this.#driftWallClock();
    if (this.#nemesis.strikes("restart")) this.#fate.restart(this.#life);
    if (this.#nemesis.strikes("pause")) await this.#halted(label, () => this.#fate.pause(this.#life));
    if (this.#nemesis.strikes("takeover")) await this.#halted(label, () => this.#fate.takeOver(this.#life));
  }

  async #after<T>(label: string, value: T): Promise<T> {
    if (this.#crashes(label)) await this.#die(`after ${label}`);
    if (label === "commit" || this.#nemesis.happens(LATE_ANSWER)) await this.#point(`answer of ${label}`);
    return value;
  }

  #crashes(label: string): boolean {
    return this.#nemesis.strikes("crash", label === "commit" ? CRASH_AT_COMMIT : 1);
  }

  #die(where: string): Promise<never> {
    this.#fate.crash(this.#life, where);
    return new Promise(() => {});
  }

  async #halted(label: string, halt: () => void): Promise<void> {
    halt();
    await this.#point(label);
  }

  async #delay(): Promise<void> {
    this.#nemesis.note("delay");
    await this.#scheduler.sleep(this.#life, this.#nemesis.duration(LONGEST_DELAY_MS));
  }

  #jumpWallClock(): void {
    this.#nemesis.note("clock jump");
    const hourMs = 3_600_000;
    this.#scheduler.jumpWallClock(Math.round(this.#nemesis.duration(hourMs)) * (this.#nemesis.coin() ? 1 : -1));
  }

  #driftWallClock(): void {
    this.#nemesis.note("clock drift");
    this.#scheduler.driftWallClock(this.#nemesis.duration(MOST_DRIFT) * (this.#nemesis.coin() ? 1 : -1));
  }

  #point(label: string): Promise<void> {
    return this.#scheduler.point(this.#life, label);
  }
}

import type { WriteStream } from "node:tty";

export interface Moment {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly note: string;
}

type Output = Pick<WriteStream, "write"> & { readonly isTTY?: boolean; readonly columns?: number };

/** A bar that is redrawn on a terminal, a line every five seconds elsewhere. */
export class Progress {
  readonly #output: Output;
  readonly #look: () => Moment;
  readonly #timer: NodeJS.Timeout;
  #ended = false;

  constructor(output: Output, look: () => Moment) {
    this.#output = output;
    this.#look = look;
    this.#timer = setInterval(() => this.#show(), output.isTTY === true ? 200 : 5_000);
    this.#timer.unref();
  }

  /** Leaves the last state on the terminal. Safe to call twice. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#ended || this.#output.isTTY !== true) return;
    this.#ended = true;
    this.#show();
    this.#output.write("\n");
  }

  #show(): void {
    const moment = this.#look();
    if (this.#output.isTTY !== true) this.#output.write(`${lineOf(moment)}\n`);
    else this.#output.write(`\r\u001b[2K${barOf(moment, this.#output.columns ?? 80)}`);
  }
}

export function lineOf({ phase, done, total, note }: Moment): string {
  return `${phase}: ${done}/${total}${note === "" ? "" : `, ${note}`}`;
}

export function barOf(moment: Moment, columns: number): string {
  const width = 24;
  const share = moment.total === 0 ? 1 : Math.min(1, moment.done / moment.total);
  const filled = Math.round(share * width);
  const bar = `[${"#".repeat(filled)}${"-".repeat(width - filled)}] ${Math.floor(share * 100)}%`;
  return `${bar} ${lineOf(moment)}`.slice(0, Math.max(20, columns - 1));
}

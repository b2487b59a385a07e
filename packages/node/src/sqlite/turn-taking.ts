type Wake = () => void;

/**
 * Readers and one writer that take turns on one connection. A reader may always join readers that are at work, so that a read within
 * a read never waits for a writer that waits for it.
 */
export class TurnTaking {
  #readers = 0;
  #writing = false;
  #waitingReaders: Wake[] = [];
  #waitingWriters: Wake[] = [];

  /** Resolves when reading may start. */
  async read(): Promise<void> {
    if (!this.#writing) {
      this.#readers++;
      return;
    }
    await new Promise<void>((wake) => this.#waitingReaders.push(wake));
  }

  doneReading(): void {
    this.#readers--;
    this.#next();
  }

  async write(): Promise<void> {
    if (!this.#writing && this.#readers === 0) {
      this.#writing = true;
      return;
    }
    await new Promise<void>((wake) => this.#waitingWriters.push(wake));
  }

  doneWriting(): void {
    this.#writing = false;
    this.#next();
  }

  /** Turns are given here, before whoever waits for one wakes up, so that nobody else takes it in between. */
  #next(): void {
    if (this.#writing) return;
    const readers = this.#waitingReaders.splice(0);
    this.#readers += readers.length;
    for (const wake of readers) wake();
    if (this.#readers > 0) return;
    const writer = this.#waitingWriters.shift();
    this.#writing = writer !== undefined;
    writer?.();
  }
}

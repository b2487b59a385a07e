/** A hash of everything that happens in a run, in order: two runs of one seed must end with the same. */
export class Trace {
  readonly #texts = new Map<string, number>();
  #left = 0x811c_9dc5;
  #right = 0x1234_5678;

  number(value: number): void {
    this.#left = Math.imul(this.#left ^ value, 0x0100_0193);
    this.#right = Math.imul(((this.#right << 5) | (this.#right >>> 27)) ^ value, 0x9e37_79b1);
  }

  /** For words that come again and again; their hashes are kept. */
  word(text: string): void {
    let hash = this.#texts.get(text);
    if (hash === undefined) this.#texts.set(text, (hash = hashOf(text)));
    this.number(hash);
  }

  /** For texts that come once. */
  text(text: string): void {
    this.number(hashOf(text));
  }

  digest(): string {
    return hex(this.#left) + hex(this.#right);
  }
}

function hashOf(text: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash;
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

/** A string that is nowhere else, and the forms in which it may have been repeated. */
export class Canary {
  readonly text: string;
  readonly #forms: readonly RegExp[];

  constructor(text: string) {
    this.text = text;
    const inside = [0, 1, 2].map((skipped) => base64Within(text, skipped));
    const forms = [text, ...inside, Buffer.from(text).toString("hex"), text.split("").toReversed().join("")];
    this.#forms = forms.map((form) => new RegExp(form.replaceAll(/[^\w]/g, "\\$&"), "i"));
  }

  isIn(said: string): boolean {
    return this.#forms.some((form) => form.test(said));
  }
}

/** What Base64 makes of a text that stands `skipped` bytes behind a whole group; without the ends, which depend on what stands beside it. */
function base64Within(text: string, skipped: number): string {
  const whole = Buffer.from(" ".repeat(skipped) + text).toString("base64url");
  return whole.slice(Math.ceil((skipped * 4) / 3), Math.floor(((skipped + text.length) * 8) / 6));
}

/** What was said, and where. */
export type Said = (readonly [where: string, text: string])[];

/** Where which canary was seen: `stderr: person`. */
export function seen(canaries: Readonly<Record<string, Canary>>, said: Readonly<Said>): readonly string[] {
  return said.flatMap(([where, text]) =>
    Object.entries(canaries).flatMap(([name, canary]) => (canary.isIn(text) ? [`${where}: ${name}`] : [])),
  );
}

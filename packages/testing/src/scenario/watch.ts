import { BanyanError, type App, type ContextDefinition } from "@banyan/core";

type Callable = (what: never, tools: never) => unknown;

/** Knows which of an application's own functions have begun and not ended, and what is wrong with the test itself. */
export class Watch {
  readonly #running = new Set<string>();
  readonly #runs = new Map<string, number>();
  #mistake: BanyanError | undefined;
  #count = 0;

  /** The application with every function of its handlers watched. */
  over(app: App): App {
    return { ...app, contexts: app.contexts.map((context) => this.#overContext(context)) };
  }

  /** A mistake of the test, which it hears of at once, wherever the application would have put it. */
  mistaken(error: BanyanError): BanyanError {
    this.#mistake ??= error;
    return error;
  }

  /** Throws when the test made a mistake, or when something that began has not ended although nothing can go on. Each is told once. */
  judge(): void {
    const mistake = this.#mistake;
    const stuck = [...this.#running].map((label) => label.slice(label.indexOf(" ") + 1));
    this.#mistake = undefined;
    this.#running.clear();
    this.#runs.clear();
    if (mistake !== undefined) throw mistake;
    if (stuck.length === 0) return;
    const why = "It waits for something real, or for nothing: in a scenario, ports answer by themselves.";
    throw new BanyanError("scenario-stuck", `This does not end: ${stuck.join("; ")}. ${why}`);
  }

  /** Who ran most often in this step. */
  busiest(): string {
    const [first] = [...this.#runs].toSorted(([, left], [, right]) => right - left);
    return first === undefined ? "nothing" : `${first[0]} (${first[1]} times)`;
  }

  #overContext(context: ContextDefinition): ContextDefinition {
    return {
      ...context,
      commands: context.commands.map((one) => this.#overHandler(one, `"${one.contract?.name}"`)),
      queries: context.queries.map((one) => this.#overHandler(one, `"${one.contract?.name}"`)),
      subscriptions: context.subscriptions.map((one) => this.#overHandler(one, `"${context.name}.${one.name}"`)),
    };
  }

  #overHandler<H extends { readonly allow?: unknown; readonly before?: unknown; readonly body: unknown }>(
    handler: H,
    name: string,
  ): H {
    const { allow, before, body } = handler;
    return {
      ...handler,
      body: this.#watched(body as Callable, `the body of ${name}`),
      ...(typeof before === "function" && { before: this.#watched(before as Callable, `\`before\` of ${name}`) }),
      ...(typeof allow === "function" && { allow: this.#watched(allow as Callable, `\`allow\` of ${name}`) }),
    };
  }

  #watched(called: Callable, what: string): Callable {
    return async (input, tools) => {
      const label = `${++this.#count} ${what}`;
      this.#running.add(label);
      this.#runs.set(what, (this.#runs.get(what) ?? 0) + 1);
      try {
        return await called(input, tools);
      } finally {
        this.#running.delete(label);
      }
    };
  }
}

import {
  anyone,
  BanyanError,
  command,
  contractsOf,
  didYouMean,
  jsonCodec,
  validate,
  type App,
  type ContextDefinition,
  type EventContract,
  type StandardSchema,
} from "@banyan/core";
import { looseContext } from "./loose-context.ts";

/**
 * Lets a test put events into the log of their owner. Each context gets a command of its own for that, so that what is given is checked,
 * keyed, versioned, committed and delivered by the runtime, as if the owner had emitted it.
 */
export class Givens {
  readonly #events = new Map<string, EventContract>();
  readonly #given: { readonly event: EventContract; readonly data: unknown }[] = [];

  over(app: App): App {
    for (const context of app.contexts)
      for (const event of contractsOf(context, "event")) this.#events.set(event.name, event);
    return { ...app, contexts: app.contexts.map((context) => this.#withCommand(context)) };
  }

  /** The request that appends this event. */
  request(event: EventContract, data: unknown): { readonly operation: string; readonly input: Numbered } {
    if (this.#events.get(event.name) !== event) {
      const near = didYouMean(event.name, this.#events.keys());
      throw new BanyanError("event-foreign", `"${event.name}" is no event of a context in this scenario.${near}`, {
        remedy: "Give events that a context here owns or subscribes to.",
      });
    }
    const checked = validate(event.schema, data);
    if (!checked.ok) {
      const where = checked.issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
      throw new BanyanError("event-invalid", `"${event.name}" does not allow the data given: ${where.join("; ")}.`, {
        remedy: "Give the data as the event's contract has it.",
      });
    }
    const n = this.#given.push({ event, data: jsonCodec.decode(jsonCodec.encode(data)) }) - 1;
    return { operation: `${ownerOf(event.name)}.${GIVEN}`, input: { n } };
  }

  #withCommand(definition: ContextDefinition): ContextDefinition {
    const contract = command<string, Numbered, Numbered>(`${definition.name}.${GIVEN}`, { input: NUMBERED });
    const giving = looseContext(definition.name, [contract]);
    giving.handle(contract, { allow: anyone() }, ({ n }: Numbered, { emit }) => {
      const given = this.#given[n];
      if (given !== undefined) emit(given.event, given.data);
    });
    return {
      ...definition,
      contract: { ...definition.contract, [contract.name]: contract },
      commands: [...definition.commands, ...giving.definition.commands],
    };
  }
}

interface Numbered {
  readonly n: number;
}

const GIVEN = "scenario-given";

export const ownerOf = (name: string): string => name.slice(0, name.indexOf("."));

const jsonSchema = (): Record<string, unknown> => ({ type: "object" });

const NUMBERED: StandardSchema<Numbered> = {
  "~standard": {
    version: 1,
    vendor: "banyan-testing",
    validate: (value) => ({ value: value as Numbered }),
    jsonSchema: { input: jsonSchema, output: jsonSchema },
  },
};

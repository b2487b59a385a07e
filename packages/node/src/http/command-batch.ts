import { BanyanError, type Reply, type Request as Ask } from "@banyan/core";
import { answerText } from "./answer.ts";
import type { Caller } from "./caller.ts";
import type { Problem } from "./problem.ts";
import { checkedKey } from "./request-headers.ts";
import { inputOf, invalidInput } from "./request-input.ts";
import type { OperationRoute } from "./routes.ts";

export interface BatchDoor {
  readonly routes: readonly OperationRoute[];
  readonly execute: (ask: Ask) => Promise<Reply>;
  /** An error as its caller gets it. */
  readonly told: (thrown: unknown, where: string) => Problem;
  /** The most commands of one batch. */
  readonly most: number;
}

const NO_QUERY = new URLSearchParams();

/**
 * Many commands in one request: `{"commands":[{"operation","input"?,"idempotencyKey"?}, …]}`. All are executed side by side, each as if it had come
 * alone, through the route its contract declares; what becomes of one is nothing to the others.
 */
export class CommandBatch {
  readonly #door: BatchDoor;
  readonly #routes: ReadonlyMap<string, OperationRoute>;

  constructor(door: BatchDoor) {
    this.#door = door;
    this.#routes = new Map(door.routes.map((route) => [route.operation, route]));
  }

  /**
   * `{"results":[…]}` in the order of the commands, as text. Throws for what is no batch at all: then nothing was executed. `counted` learns
   * how many commands there are before the first one is executed.
   */
  async answer(body: unknown, caller: Caller, counted: (commands: number) => void): Promise<string> {
    const commands = commandsOf(body, this.#door.most);
    counted(commands.length);
    const results = await Promise.all(commands.map((one) => this.#result(one, caller)));
    return `{"results":[${results.join()}]}`;
  }

  async #result(given: unknown, caller: Caller): Promise<string> {
    let where = "a command of a batch";
    try {
      const { operation, ...command } = this.#checked(given);
      where = `"${operation}"`;
      return answerText(await this.#door.execute({ ...caller, operation, ...command }));
    } catch (error) {
      return resultOfProblem(this.#door.told(error, where));
    }
  }

  #checked(given: unknown): Pick<Ask, "operation" | "input" | "idempotencyKey"> {
    const { operation, input, idempotencyKey } = membersOf(given, ["operation", "input", "idempotencyKey"]);
    if (typeof operation !== "string") throw invalidInput("operation", "must be the name of a command");
    const route = this.#routes.get(operation);
    if (route === undefined)
      throw new BanyanError("operation-unknown", `No contract opens a command "${operation}" to HTTP.`);
    if (route.kind !== "command") throw invalidInput("operation", "is a query; a batch is of commands");
    return {
      operation,
      input: inputOf({ body: input, path: {}, query: NO_QUERY }, route.shapes),
      idempotencyKey: idempotencyKey === undefined ? undefined : checkedKey(idempotencyKey),
    };
  }
}

function commandsOf(body: unknown, most: number): readonly unknown[] {
  const { commands } = membersOf(body, ["commands"]);
  if (!Array.isArray(commands)) throw invalidInput("commands", "must be an array");
  if (commands.length <= most) return commands;
  const words = `A batch has at most ${most} commands, and this one has ${commands.length}.`;
  throw new BanyanError("batch-too-large", words);
}

/** A misspelt member would be a command without its key, so none is passed over. */
function membersOf(value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidInput("", `must be an object with \`${known[0]}\``);
  const other = Object.keys(value).find((name) => !known.includes(name));
  if (other !== undefined) throw invalidInput(other, "is not known here");
  return value as Readonly<Record<string, unknown>>;
}

function resultOfProblem({ status, headers, body }: Problem): string {
  const wait = headers["retry-after"];
  return `{"status":${status},${wait === undefined ? "" : `"retryAfter":${wait},`}"error":${body}}`;
}

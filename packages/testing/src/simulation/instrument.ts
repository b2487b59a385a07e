import {
  prefixOf,
  type App,
  type CommandDefinition,
  type ContextDefinition,
  type Migration,
  type RawHandle,
  type ReadSession,
  type Received,
  type SqlHandle,
  type SqlValue,
  type SubscriptionDefinition,
} from "@banyan/core";

/** That a body was run and committed: written in its transaction, into a table that would take a second one as well. */
export interface EffectRow {
  /** Rises with every run of a body, committed or not. */
  readonly n: number;
  /** `clear`: a subscription that is made anew begins again. */
  readonly kind: "command" | "subscription" | "clear";
  /** The operation, or `context.subscription`. */
  readonly name: string;
  /** The id of the command or of the entry. */
  readonly cause: string;
  readonly principal: string;
  readonly key: string;
  readonly source: string;
  readonly position: number;
  /** Events the body emitted. */
  readonly emitted: number;
}

const COLUMNS = ["n", "kind", "name", "cause", "principal", "key", "source", "position", "emitted"] as const;
const PAGE = 500;

interface BodyTools {
  readonly tx: unknown;
  readonly emit: (...what: unknown[]) => unknown;
  readonly commandId?: string;
  readonly principal?: { readonly id: string };
}

type Body = (what: unknown, tools: BodyTools) => unknown;
type Describe = (what: unknown, tools: BodyTools) => Omit<EffectRow, "n" | "emitted">;

/** Versions of an application with every body made to leave an effect row in its own transaction; all count on from each other. */
export function instrument(apps: readonly App[], note: (what: string) => void = () => {}): readonly App[] {
  const runs = new Runs(note);
  return apps.map((app) => {
    return { ...app, contexts: app.contexts.map((context) => new Instrumented(context, runs).definition) };
  });
}

/** Numbers what bodies do, and sees which entries are delivered more than once. */
class Runs {
  readonly #note: (what: string) => void;
  readonly #delivered = new Map<string, Set<string>>();
  #runs = 0;

  constructor(note: (what: string) => void) {
    this.#note = note;
  }

  next(): number {
    return ++this.#runs;
  }

  begins({ kind, name, cause }: ReturnType<Describe>): void {
    if (kind !== "subscription") return;
    const delivered = this.#delivered.get(name) ?? new Set();
    if (delivered.has(cause)) this.#note("delivered again");
    this.#delivered.set(name, delivered.add(cause));
  }

  /** It is made anew: whatever comes then is delivered for the first time. */
  cleared(name: string): void {
    this.#delivered.delete(name);
  }
}

class Instrumented {
  readonly definition: ContextDefinition;
  readonly #context: ContextDefinition;
  readonly #runs: Runs;
  #bound: RawHandle | undefined;
  #count = { emitted: 0 };

  constructor(context: ContextDefinition, runs: Runs) {
    this.#context = context;
    this.#runs = runs;
    const { handle } = context;
    const bind = (raw: RawHandle): unknown => {
      this.#bound = raw;
      this.#count = { emitted: 0 };
      return handle.bind(raw.kind === "sql" ? counting(raw, this.#count) : raw);
    };
    this.definition = {
      ...context,
      handle: { kind: handle.kind, bind },
      migrations: handle.kind === "sql" ? [...context.migrations, migration(context.name)] : context.migrations,
      commands: context.commands.map((command) => ({
        ...command,
        body: this.#counted(command.body as Body, ofCommand(command)),
      })),
      subscriptions: context.subscriptions.map((subscription) => ({
        ...subscription,
        rebuild: this.#cleared(subscription),
        body: this.#counted(subscription.body as Body, ofSubscription(context, subscription)),
      })),
    };
  }

  #counted(body: Body, describe: Describe): Body {
    return async (what, tools) => {
      const raw = this.#rawOf(tools);
      const count = this.#count;
      const emit: BodyTools["emit"] = (...event) => {
        count.emitted++;
        return tools.emit(...event);
      };
      const described = describe(what, tools);
      this.#runs.begins(described);
      const answer = await body(what, withEmit(tools, emit));
      await write(raw, this.#context.name, { n: this.#runs.next(), ...described, emitted: count.emitted });
      return answer;
    };
  }

  #cleared({ name, rebuild }: SubscriptionDefinition): SubscriptionDefinition["rebuild"] {
    if (rebuild === undefined) return undefined;
    const context = this.#context.name;
    const clear = async (tx: unknown): Promise<void> => {
      // bound just before, for this call
      const raw = this.#bound as RawHandle;
      await rebuild.clear(tx);
      const of = { cause: "", principal: `context:${context}`, key: "", source: "", position: 0, emitted: 0 };
      this.#runs.cleared(`${context}.${name}`);
      await write(raw, context, { n: this.#runs.next(), kind: "clear", name: `${context}.${name}`, ...of });
    };
    return { clear };
  }

  /** The unit's own handle under whatever the context made of it: `tx` is bound when it is first asked for, which is here. */
  #rawOf(tools: BodyTools): RawHandle {
    this.#bound = undefined;
    void tools.tx;
    if (this.#bound === undefined)
      throw new Error(`The handle of "${this.#context.name}" was bound before its body ran.`);
    return this.#bound;
  }
}

/** What was emitted in an inner part of a unit that was undone does not count. */
function counting(raw: SqlHandle, count: { emitted: number }): SqlHandle {
  return {
    kind: "sql",
    dialect: raw.dialect,
    execute: (sql, parameters, as) => raw.execute(sql, parameters, as),
    savepoint: async (work) => {
      const before = count.emitted;
      try {
        return await raw.savepoint((inner) => work(counting(inner, count)));
      } catch (error) {
        count.emitted = before;
        throw error;
      }
    },
  };
}

/** Tools are frozen, and `tx` is bound only when it is asked for: so its getter is taken over, not its value. */
function withEmit(tools: BodyTools, emit: BodyTools["emit"]): BodyTools {
  return Object.defineProperties({} as BodyTools, {
    ...Object.getOwnPropertyDescriptors(tools),
    emit: { value: emit, enumerable: true },
  });
}

function ofCommand(command: CommandDefinition): Describe {
  return (_input, { commandId = "", principal }) => {
    return {
      kind: "command",
      name: command.contract.name,
      cause: commandId,
      principal: principal?.id ?? "",
      key: "",
      source: "",
      position: 0,
    };
  };
}

function ofSubscription(context: ContextDefinition, subscription: SubscriptionDefinition): Describe {
  const name = `${context.name}.${subscription.name}`;
  return (event) => {
    const { id, key, source, position } = event as Received<unknown>;
    return { kind: "subscription", name, cause: id, principal: `context:${context.name}`, key, source, position };
  };
}

const tableOf = (context: string): string => `${prefixOf(context)}sim_effect`;

function migration(context: string): Migration {
  return { name: "999-sim-effect.sql", sql: `CREATE TABLE ${tableOf(context)} (${COLUMNS.join(", ")});` };
}

async function write(raw: RawHandle, context: string, row: EffectRow): Promise<void> {
  if (raw.kind === "tables") return raw.table<EffectRow>(tableOf(context)).set(String(row.n).padStart(9, "0"), row);
  const marks = COLUMNS.map(() => "?").join(", ");
  const values: SqlValue[] = COLUMNS.map((column) => row[column]);
  await raw.execute(`INSERT INTO ${tableOf(context)} (${COLUMNS.join(", ")}) VALUES (${marks})`, values);
}

/** All effect rows of a context, in the order in which their bodies ran. */
export async function readEffects({ raw }: ReadSession, context: string): Promise<readonly EffectRow[]> {
  if (raw.kind === "tables") return (await raw.table<EffectRow>(tableOf(context)).entries()).map(([, row]) => row);
  const rows: EffectRow[] = [];
  for (let full = true; full;) {
    const sql = `SELECT ${COLUMNS.join(", ")} FROM ${tableOf(context)} WHERE n > ? ORDER BY n LIMIT ${PAGE}`;
    const page = await raw.execute(sql, [rows.at(-1)?.n ?? 0]);
    rows.push(...(page.rows as unknown as EffectRow[]));
    full = page.rows.length === PAGE;
  }
  return rows;
}

import { anyone, app, command, context, event, query, type Abort, type App, type HttpOptions } from "banyan";
import { z } from "zod";

const Note = z.object({ id: z.string(), text: z.string() });

export const Written = event("notes.written", { version: 1, key: "id", data: Note });
export const Write = command("notes.write", { http: "POST /notes", input: Note });
export const Wait = command("notes.wait", { http: "POST /wait", input: z.object({}) });
export const Break = command("notes.break", { http: "POST /break", input: z.object({}) });
export const GetNote = query("notes.get", {
  http: "GET /notes/:id",
  input: z.object({ id: z.string() }),
  output: z.object({ text: z.string(), indexed: z.boolean() }),
});

export interface NotebookOptions {
  /** Runs in the `before` of `POST /wait`. */
  readonly wait?: (abort: Abort) => Promise<void>;
  readonly http?: HttpOptions;
}

const TABLES = `
  CREATE TABLE notes_note (id TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT;
  CREATE TABLE notes_index (id TEXT PRIMARY KEY) STRICT;`;

/** Notes that are indexed once they are written: what is mounted into hosts. */
export function notebook({ wait = async () => {}, http = {} }: NotebookOptions = {}): App {
  const notes = context("notes", {
    contract: { Written, Write, Wait, Break, GetNote },
    migrations: [{ name: "001-notes.sql", sql: TABLES }],
  });
  notes.handle(Write, { allow: anyone() }, async ({ id, text }, { tx, emit }) => {
    await tx.execute("INSERT INTO notes_note (id, text) VALUES (?, ?)", [id, text]);
    emit(Written, { id, text });
  });
  notes.handle(Wait, { allow: anyone(), before: (_, { abort }) => wait(abort) }, () => {});
  notes.handle(Break, { allow: anyone() }, () => {
    throw new Error("a secret of the handler");
  });
  notes.on(Written, { name: "index", from: "start" }, async ({ data }, { tx }) => {
    await tx.execute("INSERT INTO notes_index (id) VALUES (?)", [data.id]);
  });
  notes.answer(GetNote, { allow: anyone() }, async ({ id }, { read }) => {
    const { rows } = await read.execute(
      "SELECT text, EXISTS (SELECT 1 FROM notes_index AS i WHERE i.id = n.id) AS indexed FROM notes_note AS n WHERE id = ?",
      [id],
    );
    const [row = {}] = rows;
    return { text: (row["text"] as string | undefined) ?? "", indexed: row["indexed"] === 1 };
  });
  const application = app({ contexts: [notes], http });
  // what a signed webhook needs: the bytes as they were sent; they go back as they come
  application.route("POST /raw", { allow: anyone() }, (request) => new Response(request.body));
  return application;
}

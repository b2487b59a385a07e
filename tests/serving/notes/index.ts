import { accepted, anyone, app, context, needs, refuse, roles, sqlFiles, type App } from "banyan";
import * as contract from "./contract.ts";

export interface NotesPorts {
  /** Resolves when a held note may go on; called once for each. */
  readonly held: (noteId: string) => Promise<void>;
  /** Called with each event that was delivered. */
  readonly added: (noteId: string, correlation: string) => void;
}

/** A small application for tests of what surrounds it. */
export function notesApp(ports: NotesPorts): App {
  const notes = context("notes", {
    contract,
    ports: needs<NotesPorts>("held", "added"),
    migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
  });

  notes.handle(contract.AddNote, { allow: anyone() }, async ({ noteId, text, stars }, { tx, emit, newId }) => {
    const id = noteId ?? newId();
    await tx.execute("INSERT INTO notes_note (id, text, stars) VALUES (?, ?, ?)", [id, text, stars]);
    emit(contract.NoteAdded, { noteId: id, text, stars });
    return accepted({ noteId: id });
  });
  notes.handle(contract.PutNote, { allow: roles("editor") }, async ({ noteId, text, stars }, { tx }) => {
    await tx.execute("INSERT OR REPLACE INTO notes_note (id, text, stars) VALUES (?, ?, ?)", [noteId, text, stars]);
  });
  notes.handle(contract.DropNote, { allow: anyone() }, async ({ noteId }, { tx }) => {
    const { changes } = await tx.execute("DELETE FROM notes_note WHERE id = ?", [noteId]);
    return { dropped: changes };
  });
  notes.handle(contract.PurgeNotes, { allow: roles("operator") }, async (_, { tx }) => {
    await tx.execute("DELETE FROM notes_note");
  });
  notes.handle(
    contract.HoldNote,
    { allow: anyone(), before: ({ noteId }, { ports: { held } }) => held(noteId) },
    async ({ noteId }, { tx }) => {
      await tx.execute("INSERT INTO notes_note (id, text, stars) VALUES (?, 'held', 0)", [noteId]);
    },
  );
  notes.handle(contract.FailNote, { allow: anyone() }, async ({ how }, { tx }) => {
    if (how === "statement") await tx.execute("INSERT INTO notes_missing VALUES ('secret')");
    if (how === "throw") throw new Error("secret words");
    if (how === "conflict")
      throw refuse("note-closed", "The note is closed.", { kind: "conflict", details: { since: 1 } });
    if (how === "unavailable") throw refuse("no-paper", "There is no paper.", { kind: "unavailable" });
  });
  notes.answer(contract.GetNote, { allow: anyone() }, async ({ noteId }, { read }) => {
    const { rows } = await read.execute("SELECT text, stars FROM notes_note WHERE id = ?", [noteId]);
    const [row] = rows;
    if (row === undefined) throw refuse("note-unknown", `There is no note "${noteId}".`, { kind: "not-found" });
    return { noteId, text: String(row["text"]), stars: Number(row["stars"]) };
  });
  notes.answer(contract.CountNotes, { allow: anyone() }, async (input, { read }) => {
    const { rows } = await read.execute("SELECT count(*) AS n FROM notes_note WHERE stars >= ?", [input.least]);
    return { count: Number(rows[0]?.["n"]), input };
  });
  notes.answer(contract.Reflect, { allow: anyone() }, (_, { principal, headers, tenant }) => ({
    principal,
    headers,
    tenant,
  }));
  notes.answer(contract.Inside, { allow: roles("context") }, () => ({}));
  notes.on(
    contract.NoteAdded,
    {
      name: "tell",
      from: "start",
      before: (event, { ports: { added } }) => added(event.data.noteId, event.correlation),
    },
    () => {},
  );

  return app({ contexts: [notes], ports: () => ({ notes: ports }) });
}

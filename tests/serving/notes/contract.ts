import { command, event, query } from "banyan/contract";
import { z } from "zod";

const Id = z.string().min(1).max(64);
const Note = z.object({ noteId: Id, text: z.string(), stars: z.int() });

export const NoteAdded = event("notes.note-added", { version: 1, key: "noteId", data: Note });

export const AddNote = command("notes.add-note", {
  http: "POST /notes",
  input: z.strictObject({ noteId: Id.optional(), text: z.string().max(100_000), stars: z.int().default(0) }),
  output: z.object({ noteId: Id }),
  confirms: [NoteAdded],
});
export const PutNote = command("notes.put-note", {
  http: "PUT /notes/:noteId",
  input: z.object({ noteId: Id, text: z.string(), stars: z.int().default(0) }),
});
export const DropNote = command("notes.drop-note", {
  http: "DELETE /notes/:noteId",
  input: z.object({ noteId: Id, stars: z.int().optional() }),
  output: z.object({ dropped: z.int() }),
});
export const PurgeNotes = command("notes.purge-notes", { http: "POST /notes/purge", input: z.object({}) });
export const HoldNote = command("notes.hold-note", {
  http: "POST /notes/:noteId/hold",
  input: z.object({ noteId: Id }),
});
export const FailNote = command("notes.fail-note", {
  http: "POST /failures/:how",
  input: z.object({ how: z.string() }),
});
export const GetNote = query("notes.get-note", {
  http: "GET /notes/:noteId",
  input: z.object({ noteId: Id }),
  output: Note,
});
/** A fixed path beside a parameter. */
export const CountNotes = query("notes.count-notes", {
  http: "GET /notes/count",
  input: z.object({ stars: z.array(z.int()).optional(), least: z.int().default(0), exact: z.boolean().optional() }),
  output: z.object({ count: z.int(), input: z.unknown() }),
});
/** What a handler sees of the caller. */
export const Reflect = query("notes.reflect", {
  http: "GET /reflection",
  input: z.object({}),
  output: z.object({ principal: z.unknown(), headers: z.unknown(), tenant: z.string() }),
});
export const Inside = query("notes.inside", { input: z.object({}), output: z.object({}) });

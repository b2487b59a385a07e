import { notesApp } from "./index.ts";

/** Notes that are held go on after a moment, which a test can make long. */
export default notesApp({
  held: () => new Promise((resolve) => setTimeout(resolve, Number(process.env["NOTES_HOLD_MS"] ?? 0))),
  added: () => {},
});

import { app, one } from "banyan";
import { guestbook } from "./contexts/guestbook/index.ts";

// The only file that changes when a context moves.
export default app({ contexts: [guestbook], topology: one() });

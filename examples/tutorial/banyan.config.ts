import { app, one } from "banyan";
import { signups } from "./contexts/signups/index.ts";
import { welcome } from "./contexts/welcome/index.ts";

export default app({ contexts: [signups, welcome], topology: one() });

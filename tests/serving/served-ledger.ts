import type { Application } from "banyan";
import { ledgerApp, type LedgerSettings } from "./ledger/index.ts";
import { ServedApp } from "./served-app.ts";

type Ledger = Application<LedgerSettings>;

/** A ledger with the raw routes of a test, served. */
export async function served(register: (app: Ledger) => void, options = {}): Promise<ServedApp> {
  const app = ledgerApp();
  register(app);
  return new ServedApp().start(app, options);
}

export async function problemOf(answer: Response): Promise<{ readonly status: number; readonly code: unknown }> {
  const { code } = (await answer.json()) as { readonly code: unknown };
  return { status: answer.status, code };
}

import { checkRegistration, type App, type Violation } from "@banyan/core";
import { sqlite } from "@banyan/node";

/** What registration refuses, found without opening a store and without building the application's ports, which may reach outside. */
export function registrationViolations(app: App): readonly Violation[] {
  return checkRegistration(app, sqlite({ memory: true }).features);
}

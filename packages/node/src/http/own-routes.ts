/** One route of the process itself, beside those of contracts. */
export interface OwnRoute {
  readonly method: "GET" | "POST" | "any";
  readonly path: string;
  /** Who may ask. */
  readonly who: string;
  readonly does: string;
}

/** What the process answers for itself. A contract declares no route under `/_banyan/`. */
export const OWN_ROUTES: Readonly<Record<"live" | "ready" | "commands" | "operations", OwnRoute>> = {
  live: {
    method: "GET",
    path: "/_banyan/health/live",
    who: "anyone",
    does: "200 while the process answers at all",
  },
  ready: {
    method: "GET",
    path: "/_banyan/health/ready",
    who: "anyone; names and keys are told to the operator only",
    does: "200, or 503 with reasons while the process starts, drains or cannot commit; counts of what waits, in both",
  },
  commands: {
    method: "POST",
    path: "/_banyan/commands",
    who: "whoever `allow` of each command lets in",
    does: "several commands in one request, each executed and answered on its own",
  },
  operations: {
    method: "any",
    path: "/_banyan/ops/*",
    who: "a principal with the role `operator`, of every tenant",
    does: "the operations API, below",
  },
};

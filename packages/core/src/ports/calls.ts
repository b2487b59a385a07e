import type { Abort } from "./abort.ts";
import type { Origin, Principal } from "./entry.ts";

/** One command or query on its way to the context that owns it. */
export interface CallRequest {
  readonly operation: string;
  /** Encoded by the codec: what arrives is what a wire would carry. */
  readonly input: string;
  readonly principal: Principal;
  readonly origin: Origin;
  /** For commands: the same key is executed once. */
  readonly idempotencyKey: string | undefined;
  /** Whoever calls waits no longer once it is aborted. A wire may leave that out: then the callee goes on for nobody. */
  readonly abort?: Abort | undefined;
}

/** How contexts reach each other. In one process it is a function call through the codec. */
export interface Calls {
  /** The encoded output. Throws the callee's refusal with its code, or `call-failed` when the outcome is unknown. */
  send(request: CallRequest): Promise<string>;
}

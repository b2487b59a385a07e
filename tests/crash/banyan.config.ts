import config from "../../examples/shop/banyan.config.ts";
import { witness } from "./witness.ts";

/** The shop, and somebody who keeps what it sees. */
export default { ...config, contexts: [...config.contexts, witness.definition] };

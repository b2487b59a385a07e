import { apiKeys, type App } from "banyan";
import shop from "../../examples/shop/banyan.config.ts";
import { KEYS } from "./callers.ts";

/** The shop as it runs in production, with callers of whom each has a key. */
const application: App = { ...shop, auth: [apiKeys({ keys: KEYS })] };
export default application;

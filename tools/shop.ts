import { join } from "node:path";
import "./where-called.ts";

// `npm run shop -- OPTIONS` is `banyan dev --no-watch OPTIONS` on the example, in one process, so that signals reach it.
const root = join(import.meta.dirname, "..");
const options = process.argv.slice(2);
const config = join(root, "examples", "shop", "banyan.config.ts");
const bin = join(root, "packages", "banyan", "bin", "banyan.js");
process.argv = [process.execPath, bin, "dev", "--no-watch", "--config", config, ...options];
await import(bin);

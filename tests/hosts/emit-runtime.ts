import { mount } from "banyan";
import { tills } from "./emit-app.ts";

// node emit-runtime.ts DATA: delivers until it is killed.
await mount(tills(), { mode: "start", data: process.argv[2] ?? "", env: {}, write: () => {} });
console.log("ready");

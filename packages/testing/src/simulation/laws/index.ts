export { judge } from "./judge.ts";
export { eventTypesOf, readRemains } from "./remains.ts";

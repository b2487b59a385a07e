export { canonicalJson } from "./canonical-json.ts";
export { sha256 } from "./sha256.ts";
export { SLOT_COUNT, slotOf } from "./slot.ts";
export { utf8Length } from "./utf8.ts";

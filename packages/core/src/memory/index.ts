export { memory } from "./memory.ts";
export { memoryDisk, MemoryDisk } from "./memory-disk.ts";

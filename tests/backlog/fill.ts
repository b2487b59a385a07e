import { application, isRead, type Spread } from "./application.ts";
import { BY, open } from "./open.ts";

const AT_ONCE = 1_000;

/** Appends so many entries, the way every command does, while nobody reads. Answers how many a reader will get. */
export async function fill(path: string, entries: number, spread: Spread): Promise<number> {
  const { runtime, end } = await open(application({ spread }), path);
  let wanted = 0;
  for (let from = 0; from < entries; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, entries - from);
    await runtime.execute({ operation: "source.fill", input: { from, count }, ...BY });
    for (let n = from; n < from + count; n++) if (isRead(n)) wanted++;
  }
  await end();
  return wanted;
}

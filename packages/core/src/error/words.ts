/** The words for what has none. */
export const UNSAYABLE = "something that cannot be made text";

/** What a thrown value says of itself: `TypeError: no field`. Total: whatever was thrown, it throws nothing and answers a text. */
export function wordsOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  } catch {
    return UNSAYABLE;
  }
}

/** As `wordsOf`, without the name of an error. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.message}` : String(thrown);
  } catch {
    return UNSAYABLE;
  }
}

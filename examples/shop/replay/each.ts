/** Runs `body` for every item, begun in order, at most `concurrency` at a time. The first failure stops the others. */
export async function forEachConcurrently<Item>(
  items: Iterable<Item>,
  concurrency: number,
  body: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let turn = queue.next(); !failed && !turn.done; turn = queue.next()) {
      try {
        await body(turn.value);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** How often something fails before it succeeds: decided by its name, so that it is the same in every attempt and every life. One in three. */
export function failuresOf(name: string): number {
  const digit = Number(name.at(-1));
  return digit % 3 === 0 ? 1 + (digit % 2) : 0;
}

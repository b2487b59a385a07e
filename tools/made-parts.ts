/** A page with what stands between `<!-- made: NAME -->` and `<!-- end -->` made anew. Throws for a part that the page has no place for. */
export function withMade(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, made]) => {
    const head = `<!-- made: ${name} -->`;
    const start = text.indexOf(head);
    const end = text.indexOf("<!-- end -->", start);
    if (start < 0 || end < 0)
      throw new Error(`The page has no part "${name}": write ${head} and <!-- end --> into it.`);
    return `${text.slice(0, start)}${head}\n\n${made}\n\n${text.slice(end)}`;
  }, page);
}

/** A place in a text as editors count it: from 1, columns in UTF-16 code units. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const LINE_END = /\r\n|[\n\r\u2028\u2029]/g;

export function placeOf(text: string, offset: number): Place {
  let line = 1;
  let start = 0;
  for (const end of text.matchAll(LINE_END)) {
    const next = end.index + end[0].length;
    if (next > offset) break;
    line += 1;
    start = next;
  }
  return { line, column: offset - start + 1 };
}

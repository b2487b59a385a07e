export type CsvFlaw = "stray-quote" | "unclosed-quote" | "record-too-long";

export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  | { readonly line: number; readonly flaw: CsvFlaw };

type Scan = { readonly next: number; readonly fields: readonly string[] } | { readonly flaw: CsvFlaw } | "incomplete";

const recordLimit = 64 * 1024;

/**
 * CSV as in RFC 4180, piece by piece: quoted fields may hold commas, newlines and doubled quotes; lines end with LF or
 * CRLF. A flawed record costs its first line only: reading goes on at the next one, and memory stays bounded.
 */
export class CsvReader {
  #text = "";
  #line = 1;
  #skipping = false;

  /** Records that are complete with this piece. */
  push(piece: string): CsvRecord[] {
    this.#text += piece;
    return this.#take(false);
  }

  /** What is left when there are no more pieces. */
  end(): CsvRecord[] {
    return this.#take(true);
  }

  #take(last: boolean): CsvRecord[] {
    const records: CsvRecord[] = [];
    let at = this.#skipping ? this.#skipLine(0) : 0;
    while (at < this.#text.length) {
      const scan = this.#scan(at, last);
      if (scan === "incomplete") break;
      if ("flaw" in scan) records.push({ line: this.#line, flaw: scan.flaw });
      else if (!isBlank(scan.fields)) records.push({ line: this.#line, fields: scan.fields });
      at = "flaw" in scan ? this.#skipLine(at) : this.#pass(at, scan.next);
    }
    this.#text = this.#text.slice(at);
    return records;
  }

  /** The end of a flawed line may come with a later piece. */
  #skipLine(from: number): number {
    const newline = this.#text.indexOf("\n", from);
    this.#skipping = newline === -1;
    return this.#pass(from, newline === -1 ? this.#text.length : newline + 1);
  }

  #pass(from: number, to: number): number {
    for (let at = this.#text.indexOf("\n", from); at !== -1 && at < to; at = this.#text.indexOf("\n", at + 1)) {
      this.#line += 1;
    }
    return to;
  }

  #scan(from: number, last: boolean): Scan {
    const scan = scanRecord(this.#text, from);
    if (scan !== "incomplete") return scan;
    if (this.#text.length - from > recordLimit) return { flaw: "record-too-long" };
    if (!last) return "incomplete";
    const closing = scanRecord(`${this.#text}\n`, from);
    if (closing === "incomplete") return { flaw: "unclosed-quote" };
    return "flaw" in closing ? closing : { ...closing, next: Math.min(closing.next, this.#text.length) };
  }
}

function scanRecord(text: string, from: number): Scan {
  const fields: string[] = [];
  let at = from;
  for (;;) {
    const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at);
    if (field === "incomplete" || "flaw" in field) return field;
    fields.push(field.value);
    if (text[field.end] === "\n") return { fields, next: field.end + 1 };
    if (text.startsWith("\r\n", field.end)) return { fields, next: field.end + 2 };
    at = field.end + 1;
  }
}

type Field = { readonly value: string; readonly end: number } | { readonly flaw: CsvFlaw } | "incomplete";

function plainField(text: string, from: number): Field {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') return { flaw: "stray-quote" };
    if (char === "," || char === "\n" || (char === "\r" && text[at + 1] === "\n"))
      return { value: text.slice(from, at), end: at };
  }
  return "incomplete";
}

function quotedField(text: string, from: number): Field {
  let value = "";
  let start = from + 1;
  for (;;) {
    const quote = text.indexOf('"', start);
    if (quote === -1 || quote + 1 === text.length) return "incomplete";
    value += text.slice(start, quote);
    if (text[quote + 1] !== '"') return closedField(text, value, quote + 1);
    value += '"';
    start = quote + 2;
  }
}

function closedField(text: string, value: string, end: number): Field {
  if (text[end] === "," || text[end] === "\n" || text.startsWith("\r\n", end)) return { value, end };
  return text[end] === "\r" && end + 1 === text.length ? "incomplete" : { flaw: "stray-quote" };
}

const isBlank = (fields: readonly string[]): boolean => fields.length === 1 && fields[0] === "";

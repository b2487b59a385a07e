/** The UTF-8 bytes of a string; lone surrogates become U+FFFD, as `TextEncoder` does (which is not part of the language). */
export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
    } else if (unit < 0x800) {
      bytes[at++] = 0xc0 | (unit >> 6);
      bytes[at++] = 0x80 | (unit & 63);
    } else {
      const point = text.codePointAt(i) ?? 0xfffd;
      if (point > 0xffff) i++;
      at = writeWide(bytes, at, point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
    }
  }
  return bytes.subarray(0, at);
}

/** How many bytes `utf8` makes of a string. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // a pair has four bytes and two units, everything else of this size three bytes and one
    if (unit < 0x800) bytes++;
    else bytes += 2;
    if ((text.codePointAt(i) ?? 0) > 0xffff) i++;
  }
  return bytes;
}

function writeWide(bytes: Uint8Array, from: number, point: number): number {
  let at = from;
  if (point > 0xffff) {
    bytes[at++] = 0xf0 | (point >> 18);
    bytes[at++] = 0x80 | ((point >> 12) & 63);
  } else {
    bytes[at++] = 0xe0 | (point >> 12);
  }
  bytes[at++] = 0x80 | ((point >> 6) & 63);
  bytes[at++] = 0x80 | (point & 63);
  return at;
}

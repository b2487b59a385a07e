import { utf8 } from "./utf8.ts";

/** First 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
const ROUND = fractions(64, Math.cbrt);
/** The same of the square roots of the first 8 primes (FIPS 180-4, 5.3.3). */
const START = fractions(8, Math.sqrt);

function fractions(count: number, root: (n: number) => number): Uint32Array {
  const words = new Uint32Array(count);
  for (let n = 2, found = 0; found < count; n++) {
    if (!isPrime(n)) continue;
    words[found++] = (root(n) % 1) * 0x1_0000_0000;
  }
  return words;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

/** SHA-256 of a text's UTF-8 bytes, in hexadecimal. Pure and synchronous, so that the core needs no platform. */
export function sha256(text: string): string {
  const padded = pad(utf8(text));
  const state = START.slice();
  const schedule = new Uint32Array(64);
  for (let at = 0; at < padded.length; at += 64) {
    fillSchedule(schedule, padded, at);
    compress(state, schedule);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((((bytes.length + 8) >> 6) << 6) + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x2000_0000));
  view.setUint32(padded.length - 4, (bytes.length << 3) >>> 0);
  return padded;
}

const word = (words: Uint32Array, i: number): number => words[i] ?? 0;
const rotated = (value: number, by: number): number => (value >>> by) | (value << (32 - by));

function fillSchedule(schedule: Uint32Array, bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
  for (let i = 0; i < 16; i++) schedule[i] = view.getUint32(i * 4);
  for (let i = 16; i < 64; i++) {
    const early = word(schedule, i - 15);
    const late = word(schedule, i - 2);
    const s0 = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const s1 = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    schedule[i] = (word(schedule, i - 16) + s0 + word(schedule, i - 7) + s1) | 0;
  }
}

function compress(state: Uint32Array, schedule: Uint32Array): void {
  const s = Int32Array.from(state);
  const at = (i: number): number => s[i] ?? 0;
  for (let i = 0; i < 64; i++) {
    const s1 = rotated(at(4), 6) ^ rotated(at(4), 11) ^ rotated(at(4), 25);
    const choice = (at(4) & at(5)) ^ (~at(4) & at(6));
    const first = (at(7) + s1 + choice + word(ROUND, i) + word(schedule, i)) | 0;
    const s0 = rotated(at(0), 2) ^ rotated(at(0), 13) ^ rotated(at(0), 22);
    const majority = (at(0) & at(1)) ^ (at(0) & at(2)) ^ (at(1) & at(2));
    s.copyWithin(1, 0, 7);
    s[4] = (at(4) + first) | 0;
    s[0] = (first + s0 + majority) | 0;
  }
  for (let i = 0; i < 8; i++) state[i] = word(state, i) + at(i);
}

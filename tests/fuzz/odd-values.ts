import { dice } from "../failures/dice.ts";

/** Draws from one seed: the same seed gives the same inputs. */
export class Draw {
  readonly below: (most: number) => number;

  constructor(seed: number) {
    this.below = dice(seed);
  }

  /** True one time in so many. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  of<Value>(values: readonly Value[]): Value {
    return values[this.below(values.length)] as Value;
  }

  some<Value>(most: number, make: () => Value): Value[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

const TEXTS: readonly string[] = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "x\udc00y",
  "e\u0301\u0301\u0301",
  "\u202eevil\u202c",
  "\ufeff",
  "\u2028",
  "__proto__",
  "constructor",
  "prototype",
  "hasOwnProperty",
  "toString",
  "then",
  "null",
  "undefined",
  "NaN",
  "..",
  ".",
  "a/b",
  "a\\b",
  "%00",
  "%2e%2e",
  "%",
  "%zz",
  "' OR 1=1 --",
  '"',
  "\\",
  "\r\nx-injected: 1",
  "{{7*7}}",
  "2026-02-30",
  "0000-00-00",
  "9999-99-99T99:99:99Z",
  "1e999",
  "-0",
  "0x10",
  "🌳".repeat(40),
  "İıſK",
  "\u0130",
  "00000000-0000-0000-0000-000000000000",
  "a@b",
  "default",
  "acme",
  "*",
  "operator",
  "guest",
  "context:orders",
];

const NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.1,
  1e-7,
  1e21,
  1e308,
  5e-324,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  40_201,
];

/** A number as JSON can have it and JavaScript cannot. */
const NUMBER_TEXTS: readonly string[] = ["1e999", "-1e999", "1".repeat(400), `0.${"0".repeat(400)}1`, "1E+2", "-0.0"];

export function oddText(draw: Draw): string {
  const kind = draw.below(60);
  if (kind === 0) return draw.of(["a", "é", "🌳", " ", "\0", "a@", "%41"]).repeat(1 + draw.below(20_000));
  if (kind < 20) return draw.some(12, () => String.fromCharCode(draw.below(draw.of([128, 256, 65_536])))).join("");
  return draw.of(TEXTS);
}

export function oddNumber(draw: Draw): number {
  return draw.oneIn(2) ? draw.of(NUMBERS) : draw.below(2_000_000) - 1_000_000;
}

/** A value of JSON that nobody asked for. */
export function oddValue(draw: Draw, depth = 3): unknown {
  const kind = draw.below(depth > 0 ? 8 : 5);
  if (kind === 0) return draw.of([null, true, false]);
  if (kind < 3) return oddText(draw);
  if (kind < 5) return oddNumber(draw);
  if (kind === 5) return draw.some(5, () => oddValue(draw, depth - 1));
  return Object.fromEntries(draw.some(5, () => [oddText(draw), oddValue(draw, depth - 1)]));
}

const nested = (open: string, close: string, times: number): string => open.repeat(times) + close.repeat(times);

/** JSON, or nearly: what a value is written as on its way. */
export function oddJson(draw: Draw, value: unknown): string | Buffer {
  const text = JSON.stringify(value) ?? "null";
  const middle = draw.below(text.length + 1);
  const member = JSON.stringify(oddText(draw));
  const made: readonly (() => string | Buffer)[] = [
    () => text.slice(0, middle),
    () => text.slice(0, middle) + oddText(draw) + text.slice(middle),
    () => text.replace("{", `{${member}:${JSON.stringify(oddValue(draw))},`),
    () => text.replace("{", '{"__proto__":{"admin":true},"constructor":{"prototype":{"x":1}},'),
    // the first member twice
    () => text.replace(/\{("[^"]+"):/, "{$1:null,$1:"),
    () => text.replace(/\d+/, draw.of(NUMBER_TEXTS)),
    () => Buffer.from(text, draw.of(["utf16le", "latin1"])),
    () => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xc0, 0x80])]),
    () => `\ufeff${text}`,
    () => nested("[", "]", draw.of([63, 64, 65, 1_000, 100_000])),
    () => nested('{"a":', "}", draw.of([63, 64, 65, 10_000])),
    () => oddText(draw),
    () => "",
  ];
  return draw.of(made)();
}

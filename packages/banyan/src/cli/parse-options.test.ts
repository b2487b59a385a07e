import { BanyanError } from "@banyan/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OptionTable } from "./command.ts";
import { parseOptions } from "./parse-options.ts";

const TABLE: OptionTable = {
  config: { kind: "string", value: "FILE", default: "app.ts", description: "" },
  process: { kind: "string", value: "NAME", description: "" },
  port: { kind: "number", value: "N", default: 3000, min: 0, max: 65_535, description: "" },
  inspect: { kind: "number", value: "[PORT]", bare: 9229, min: 0, max: 65_535, description: "" },
  hold: { kind: "list", value: "NAME", description: "" },
  watch: { kind: "flag", default: true, description: "" },
  loud: { kind: "flag", default: false, description: "" },
  "grpc-port": { kind: "later" },
};
const DEFAULTS = {
  config: "app.ts",
  process: undefined,
  inspect: undefined,
  port: 3000,
  hold: [],
  watch: true,
  loud: false,
  json: false,
};

test.each([
  [[], {}],
  [["--config", "x.ts"], { config: "x.ts" }],
  [["--config=x.ts"], { config: "x.ts" }],
  [["--config=a=b"], { config: "a=b" }],
  [["--config", "a", "--config", "b"], { config: "b" }],
  [["--process", "main"], { process: "main" }],
  [["--port", "0"], { port: 0 }],
  [["--port=65535"], { port: 65_535 }],
  [["--inspect"], { inspect: 9229 }],
  [["--inspect", "--loud"], { inspect: 9229, loud: true }],
  [["--inspect=9230"], { inspect: 9230 }],
  [["--no-watch"], { watch: false }],
  [["--loud"], { loud: true }],
  [["--json"], { json: true }],
  [["--hold", "a", "b", "--hold", "c", "--json"], { hold: ["a", "b", "c"], json: true }],
  [["--hold=a", "--loud"], { hold: ["a"], loud: true }],
  [["--config", "-"], { config: "-" }],
  [["--config=--odd"], { config: "--odd" }],
])("%j is understood", (words, expected) => {
  const parsed = parseOptions("dev", TABLE, words);
  expect(parsed.help).toBe(false);
  expect({ process: undefined, inspect: undefined, ...parsed.values }).toEqual({ ...DEFAULTS, ...expected });
});

function refusal(words: readonly string[]): unknown {
  try {
    parseOptions("dev", TABLE, words);
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each([
  [["--port"], "option-invalid", "--port needs a value."],
  [["--port="], "option-invalid", "--port needs a value."],
  [["--port", "--json"], "option-invalid", "--port needs a value."],
  [["--port", "65536"], "option-invalid", '--port is "65536", but must be a whole number from 0 to 65535.'],
  [["--port=-1"], "option-invalid", '--port is "-1", but must be a whole number from 0 to 65535.'],
  [["--port", "3e3"], "option-invalid", '--port is "3e3", but must be a whole number from 0 to 65535.'],
  [["--port", " 3"], "option-invalid", '--port is " 3", but must be a whole number from 0 to 65535.'],
  [["--port", "0x10"], "option-invalid", '--port is "0x10", but must be a whole number from 0 to 65535.'],
  [["--hold"], "option-invalid", "--hold needs a value."],
  [["--hold", "--json"], "option-invalid", "--hold needs a value."],
  [["--loud=yes"], "option-invalid", '--loud takes no value, but got "yes".'],
  [["--prot", "1"], "option-unknown", 'banyan dev has no option --prot. Did you mean "--port"?'],
  [["--watch"], "option-unknown", "banyan dev has no option --watch."],
  [["--no-wacth"], "option-unknown", 'banyan dev has no option --no-wacth. Did you mean "--no-watch"?'],
  [["--no-loud"], "option-unknown", "banyan dev has no option --no-loud."],
  [["--constructor"], "option-unknown", "banyan dev has no option --constructor."],
  [["-p", "1"], "option-unknown", "banyan dev has no option -p."],
  [["--"], "option-unknown", "banyan dev has no option --."],
  [["x"], "argument-unexpected", 'banyan dev takes no argument, but got "x".'],
  [["--loud", "x"], "argument-unexpected", 'banyan dev takes no argument, but got "x".'],
  [["--grpc-port", "1"], "not-available-yet", "--grpc-port of banyan dev does not exist yet."],
  [["--grpc-port=1"], "not-available-yet", "--grpc-port of banyan dev does not exist yet."],
])("%j is refused with %s", (words, code, message) => {
  const thrown = refusal(words);
  expect(thrown).toBeInstanceOf(BanyanError);
  expect(thrown).toMatchObject({
    code,
    message: expect.stringContaining(message),
    remedy: expect.stringMatching(/\w\.$/),
  });
});

test("help is asked for by --help", () => {
  expect(parseOptions("dev", TABLE, ["--json", "--help"])).toMatchObject({ help: true, values: { json: true } });
});

test("whatever is typed is understood or refused with a code, never anything else", () => {
  const word = fc.oneof(
    fc.constantFrom("--port", "--hold", "--config=", "--no-watch", "-", "--", "3000", ""),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const thrown = refusal(words);
      expect(thrown === undefined || thrown instanceof BanyanError).toBe(true);
    }),
  );
});

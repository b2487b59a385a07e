import { expect, test } from "vitest";
import { isGroup } from "./command.ts";
import { COMMANDS, main } from "./main.ts";
import { parseOptions } from "./parse-options.ts";

async function banyan(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(words, { out, err, cwd: import.meta.dirname, env: {} });
  return { code, ...written };
}

test.each([[[]], [["--help"]]])("%j lists the commands", async (words) => {
  const { code, out, err } = await banyan(...words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const name of ["dev", "start", "graph", "check", "events"]) expect(out).toMatch(new RegExp(`^  ${name} `, "m"));
});

test("every command explains itself, as text and as data", async () => {
  for (const name of ["dev", "start", "graph", "check"]) {
    expect(await banyan(name, "--help")).toMatchObject({
      code: 0,
      out: expect.stringMatching(`^banyan ${name} `),
      err: "",
    });
    const { out } = await banyan(name, "--help", "--json");
    expect(JSON.parse(out)).toMatchObject({ name, options: { config: { default: "banyan.config.ts" } } });
  }
});

test("a group of commands explains itself and each of them, as text and as data", async () => {
  const group = await banyan("events", "--help");
  expect(group).toMatchObject({ code: 0, err: "" });
  const { commands } = JSON.parse((await banyan("events", "--help", "--json")).out);
  for (const name of ["events lag", "events parked", "events skip", "events redrive", "events audit"]) {
    expect(group.out).toMatch(new RegExp(`^  ${name} `, "m"));
    const one = await banyan(...name.split(" "), "--help");
    expect(one).toMatchObject({ code: 0, out: expect.stringMatching(`^banyan ${name} \\[OPTIONS\\]`) });
    expect(one.out).toContain("BANYAN_TOKEN");
    expect(commands).toContainEqual(JSON.parse((await banyan(...name.split(" "), "--help", "--json")).out));
  }
});

test("every command has an example, which it takes, and help shows it", async () => {
  for (const { name, example, options } of COMMANDS.flatMap((known) => (isGroup(known) ? known.actions : [known]))) {
    expect(example).toMatch(new RegExp(`^${name}( |$)`));
    const words = [...example.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
    expect(() => parseOptions(name, options, words.slice(name.split(" ").length))).not.toThrow();
    expect((await banyan(...name.split(" "), "--help")).out).toContain(`\nFor example: banyan ${example}\n`);
  }
});

test("help says when a command ends with 1", async () => {
  expect((await banyan("types", "--help")).out).toContain(
    "Ends with 1 when a file is not what it should be (with --check).",
  );
  expect((await banyan("graph", "--help")).out).not.toContain("Ends with 1");
});

test("help shows flags as they are written, defaults, and nothing that does not exist yet", async () => {
  const { out } = await banyan("dev", "--help");
  expect(out).toContain("--no-watch ");
  expect(out).toContain("(default: 3000)");
  expect(out).not.toContain("grpc");
});

test("the version is the package's", async () => {
  const { out } = await banyan("--version");
  expect(out).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  expect(JSON.parse((await banyan("--version", "--json")).out)).toEqual({ version: out.trim() });
});

test.each([
  [["graph", "--config", "\0"], "option-invalid", "A word has a NUL in it."],
  [["graph", "--config", "x".repeat(5_000)], "option-invalid", "A path is longer than the system takes."],
  [["init", "x".repeat(5_000)], "option-invalid", "A path is longer than the system takes."],
  [["chek"], "command-unknown", 'banyan has no command "chek". Did you mean "check"?'],
  [["studio"], "not-available-yet", "banyan studio does not exist yet."],
  [["runs", "list"], "not-available-yet", "banyan runs does not exist yet."],
  [["events"], "command-unknown", "banyan events needs one of its commands: lag, parked, skip, redrive"],
  [["events", "skp"], "command-unknown", 'banyan events has no command "skp". Did you mean "skip"?'],
  [["events", "replay"], "option-missing", "banyan events replay needs --subscription NAME."],
  [["events", "replay", "--subscription", "a.b"], "option-missing", "banyan events replay needs --why TEXT."],
  [["events", "--lag"], "option-unknown", "banyan events has no option --lag."],
  [["events", "lag", "x"], "argument-unexpected", 'banyan events lag takes no argument, but got "x".'],
  [["events", "lag", "--url", "x", "--token", "t"], "option-invalid", "is http://… or https://…, with nothing else."],
  [["events", "lag", "--url", "http://127.0.0.1:1"], "option-missing", "set BANYAN_TOKEN, or give --token."],
  [["events", "lag", "--token", "t"], "option-invalid", "--token cannot be given: it is for --url."],
  [["events", "lag", "--url", "http://127.0.0.1:1", "--data", "d"], "option-invalid", "--data cannot be given"],
  [
    ["events", "skip", "--subscription", "a.b", "--position", "1", "--why", "x", "--as", "me", "--url", "http://x"],
    "option-invalid",
    "--as cannot be given: with --url the audit names whom the token belongs to.",
  ],
  [
    ["events", "lag", "--data", "/none"],
    "ops-unreachable",
    "/none has no data: no process runs on it, and there is no database.",
  ],
  [["events", "parked", "--state", "lost"], "option-invalid", '--state is "lost", but must be one of retrying,'],
  [["events", "skip", "--position", "1", "--why", "x"], "option-missing", "events skip needs --subscription NAME."],
  [["events", "skip", "--subscription", "a.b", "--why", "x"], "option-missing", "skip needs --position N."],
  [["events", "skip", "--subscription", "a.b", "--position", "1"], "option-missing", "skip needs --why TEXT."],
  [["events", "redrive", "--subscription", "a.b"], "option-missing", "events redrive needs --why TEXT."],
  [["events", "redrive", "--why", "x"], "option-missing", "events redrive needs --subscription NAME."],
  [["dev", "--grpc-port", "1"], "not-available-yet", "--grpc-port of banyan dev does not exist yet."],
  [["check", "--prot"], "option-unknown", "banyan check has no option --prot."],
  [["--versoin"], "option-unknown", 'Did you mean "--version"?'],
  [["check", "--config", "none/x.ts"], "config-not-found", "none/x.ts"],
])("%j is refused with %s, in words and as data", async (words, code, message) => {
  const text = await banyan(...words);
  expect(text).toMatchObject({ code: 2, out: "" });
  expect(text.err).toMatch(new RegExp(`^banyan: ${code}: .+\n  remedy: .+\n$`));
  expect(text.err).toContain(message);
  const data = await banyan(...words, "--json");
  expect(data).toMatchObject({ code: 2, err: "" });
  expect(JSON.parse(data.out)).toMatchObject({
    error: { code, message: expect.stringContaining(message), remedy: expect.any(String) },
  });
});

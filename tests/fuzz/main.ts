import { parseArgs } from "node:util";
import { Fuzz, type Figures } from "./fuzz.ts";
import { Ground } from "./ground.ts";

const help = `Gives the shop and an application with odd schemas what nobody should send them: requests, bytes and command lines.

npm run fuzz -- [options]

  --inputs N   how many (default 20000)
  --seed N     where the drawing begins (default 1); the same seed draws the same inputs
  --json       one JSON document on standard output

Exit 0: nothing was found. 1: something was. 2: it could not run.
`;

function report({ findings, ...figures }: Figures): string {
  const lines = Object.entries(figures).map(([name, value]) => `${name.padEnd(12)} ${JSON.stringify(value)}`);
  const found = findings.map(({ shown, wrong }) => `- ${wrong}\n  ${shown}`);
  return [...lines, `findings     ${findings.length}`, ...found].join("\n");
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({ options: { inputs: text, seed: text, json: flag, help: flag } });
  const [inputs, seed] = [Number(values.inputs ?? 20_000), Number(values.seed ?? 1)];
  if (values.help === true || !Number.isInteger(inputs) || !Number.isInteger(seed)) {
    process.stdout.write(help);
    return values.help === true ? 0 : 2;
  }
  await using ground = await Ground.opened();
  const fuzz = await Fuzz.on(ground, seed);
  const tell = (done: number): void => {
    if (done % 8_000 === 0) process.stderr.write(`${done} of ${inputs}\n`);
  };
  const figures = await fuzz.run(inputs, tell);
  process.stdout.write(`${values.json === true ? JSON.stringify({ seed, ...figures }) : report(figures)}\n`);
  return figures.findings.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 2;
}

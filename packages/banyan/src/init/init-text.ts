import type { Plan } from "./plan.ts";

export interface Told {
  /** As the user would write it; "" = where they stand. */
  readonly folder: string;
  /** Whether what the package lacks was added to it. */
  readonly added: boolean;
}

/** What was done and what is next, for people. */
export function initText(plan: Plan, { folder, added }: Told): string {
  const written = [...plan.files.keys()].map((file) => `  ${file}\n`).join("");
  const lines = linesText(plan);
  const left =
    lines === ""
      ? ""
      : added
        ? `\nadded:\n${lines}`
        : `\nadd these lines (or let \`banyan init --write\` do it):\n${lines}`;
  return `written${folder === "" ? "" : ` in ${folder}`}:\n${written}${left}${excludeText(plan)}${nextText(plan, folder)}`;
}

function linesText({ lines, ignore }: Plan): string {
  const sections = Object.entries(lines).filter(([, of]) => Object.keys(of).length > 0);
  const json = JSON.stringify(Object.fromEntries(sections), undefined, 2)
    .split("\n")
    .map((line) => `  ${line}\n`)
    .join("");
  const manifest = sections.length === 0 ? "" : `package.json\n${json}`;
  return `${manifest}${ignore === undefined ? "" : `.gitignore\n  ${ignore}\n`}`;
}

function excludeText({ exclude }: Plan): string {
  if (exclude === undefined) return "";
  const list = exclude.map((one) => JSON.stringify(one)).join(", ");
  return `\nyour tsconfig.json takes every file, and what is written is for tsconfig.banyan.json; leave it out there:\n  "exclude": [${list}]\n`;
}

function nextText({ kind, lines, manager }: Plan, folder: string): string {
  const run = (name: string): string => (kind === "new" || lines.scripts[name] !== undefined ? name : `banyan:${name}`);
  const steps = [
    ...(folder === "" ? [] : [`cd ${folder}`]),
    `${manager} install`,
    manager === "npm" && run("test") === "test" ? "npm test" : `${manager} run ${run("test")}`,
    `${manager} run ${run("dev")}`,
  ];
  return `
next:
${steps.map((step) => `  ${step}\n`).join("")}
and in another terminal:
  curl http://127.0.0.1:3000/guestbook -H "content-type: application/json" -d '{"name":"Ada"}'
  curl http://127.0.0.1:3000/guestbook/visitors
`;
}

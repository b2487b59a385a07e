import { didYouMean, type ErrorCode } from "@banyan/core";
import type { Expression } from "oxc-parser";
import type { Evaluator } from "../evaluate.ts";
import type { Fault } from "../report.ts";
import { isTest, type CallSite, type SourceModule } from "../source-module.ts";
import { keyName } from "../syntax.ts";
import type { Application } from "./rule.ts";

interface Mandatory {
  readonly option: string;
  readonly code: ErrorCode;
  readonly lacks: string;
}

const ALLOW: readonly Mandatory[] = [{ option: "allow", code: "policy-missing", lacks: "does not say who may use it" }];

/** What the options of a registration must say. */
const REGISTRATIONS: Readonly<Record<string, { readonly verb: string; readonly mandatory: readonly Mandatory[] }>> = {
  handle: { verb: "handles", mandatory: ALLOW },
  answer: { verb: "answers", mandatory: ALLOW },
  on: {
    verb: "subscribes to",
    mandatory: [
      { option: "name", code: "subscription-unnamed", lacks: "gives the subscription no name" },
      { option: "from", code: "subscription-from-missing", lacks: "does not say where the subscription begins" },
    ],
  },
};

/** Every operation says who may use it, every subscription what it is called and where it begins. */
export function registrationFaults(application: Application): Fault[] {
  return application.modules
    .filter((module) => !isTest(module))
    .flatMap((module) => module.calls.flatMap((site) => lacking(site, module, application)));
}

function lacking(site: CallSite, module: SourceModule, { evaluator, territory }: Application): Fault[] {
  const registration = Object.hasOwn(REGISTRATIONS, site.method) ? REGISTRATIONS[site.method] : undefined;
  const [what, options] = site.node.arguments as (Expression | undefined)[];
  if (registration === undefined || site.receiver === undefined || what === undefined) return [];
  if (territory.contextNamed(site.receiver, module) === undefined && !namesItem(what, module, evaluator)) return [];
  const given = optionNames(options, module, evaluator);
  if (given === undefined) return [];
  const who = territory.contextAt(site, module)?.name;
  const subject = `${who === undefined ? "A context" : `"${who}"`} ${registration.verb} ${module.text.slice(what.start, what.end)}`;
  return registration.mandatory
    .filter(({ option }) => !given.includes(option))
    .map(({ option, code, lacks }) => ({
      code,
      module,
      at: site.at,
      message: `${subject} and ${lacks}: \`${option}\` is missing.${misspelt(option, given)}`,
    }));
}

function misspelt(option: string, given: readonly string[]): string {
  const near = given.find((name) => !isOption(name) && didYouMean(name, [option]) !== "");
  return near === undefined ? "" : ` Did you mean \`${option}\` where it says \`${near}\`?`;
}

/** What a registration may say besides: never offered as a misspelling of something else. */
const OTHERS = new Set(["before", "retry", "rename", "forget", "rebuild", "unstored", "drains"]);

function isOption(name: string): boolean {
  return (
    OTHERS.has(name) ||
    Object.values(REGISTRATIONS).some(({ mandatory }) => mandatory.some(({ option }) => option === name))
  );
}

function namesItem(node: Expression, module: SourceModule, evaluator: Evaluator): boolean {
  const value = evaluator.value(node, module);
  if (value.kind !== "array") return value.kind === "item";
  return value.node.elements.some(
    (element) => element !== null && element.type !== "SpreadElement" && namesItem(element, value.module, evaluator),
  );
}

/** The names an options object gives a value; `undefined` where that is not known without running the code. */
function optionNames(node: Expression | undefined, module: SourceModule, evaluator: Evaluator): string[] | undefined {
  if (node === undefined || node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression") return [];
  const value = evaluator.value(node, module);
  if (value.kind !== "object") return undefined;
  const names: string[] = [];
  for (const property of value.node.properties) {
    const found =
      property.type === "SpreadElement" ? optionNames(property.argument, value.module, evaluator) : givenName(property);
    if (found === undefined) return undefined;
    names.push(...found);
  }
  return names;
}

function givenName(property: {
  key: Parameters<typeof keyName>[0];
  computed: boolean;
  value: Expression;
}): string[] | undefined {
  const name = keyName(property.key, property.computed);
  if (name === undefined) return undefined;
  const nothing = property.value.type === "Identifier" && property.value.name === "undefined";
  return nothing ? [] : [name];
}

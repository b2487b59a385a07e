import { didYouMean } from "@banyan/core";

export interface HmacOptions {
  /** The header that has the signature: `stripe-signature`, `x-hub-signature-256`. */
  readonly header: string;
  /** Where the header is a list of `name=value`, the name of the signatures in it: `v1` of `t=…,v1=…`, `sha256` of `sha256=…`. */
  readonly part?: string;
  readonly encoding: "hex" | "base64";
  /** Where the time of the signature stands, in seconds since 1970: another part of the header, or a header of its own. */
  readonly time?: { readonly part: string } | { readonly header: string };
  /** What is signed in front of the body. Default: the time and a dot, or nothing where there is no time. */
  readonly before?: (time: string) => string;
  /** The id of a delivery in its body, which is JSON: `(event) => event.id`. Default: the hash of the body. */
  readonly id?: (body: { readonly [name: string]: unknown }) => unknown;
}

const NAMES = ["header", "part", "encoding", "time", "before", "id"];
const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const PART = /^[^\s,=]+$/;

/** Everything with which no delivery could ever be verified, or each could be repeated for ever. Options come from JavaScript too. */
export function hmacProblems(options: HmacOptions): readonly string[] {
  if (Object(options) !== options) return ["It has no options."];
  const { header, part, encoding, id } = options;
  return [
    ...Object.keys(options)
      .filter((name) => !NAMES.includes(name))
      .map((name) => `It has an option "${name}".${didYouMean(name, NAMES)}`),
    isHeader(header) ? undefined : `Its \`header\` is "${String(header)}", which no header can be called.`,
    part === undefined || isPart(part) ? undefined : "Its `part` is not the name of a `name=value`.",
    ["hex", "base64"].includes(encoding) ? undefined : `Its \`encoding\` is "${encoding}", not "hex" or "base64".`,
    id === undefined || typeof id === "function" ? undefined : "Its `id` is no function of the body.",
    timeProblem(options),
    beforeProblem(options),
  ].filter((problem) => problem !== undefined);
}

function isHeader(name: unknown): name is string {
  return typeof name === "string" && HEADER.test(name);
}

function isPart(part: unknown): boolean {
  return typeof part === "string" && PART.test(part);
}

function timeProblem({ header, part, time }: HmacOptions): string | undefined {
  if (time === undefined) return undefined;
  const { part: ofList, header: own, ...others } = Object(time) as { readonly [name: string]: unknown };
  const isOne = (ofList === undefined) !== (own === undefined) && Object.keys(others).length === 0;
  if (!isOne) return "Its `time` is neither `{ part }` nor `{ header }`.";
  if (own !== undefined) {
    const isAnother = isHeader(own) && own.toLowerCase() !== String(header).toLowerCase();
    return isAnother ? undefined : "The `header` of its `time` is not the name of another header.";
  }
  if (part === undefined) return "Its `time` is a part of a list, and `part` does not say which part the signature is.";
  return isPart(ofList) && ofList !== part ? undefined : "The `part` of its `time` is not the name of another part.";
}

/** A time that is not signed is one that anybody may set anew. */
function beforeProblem({ before, time }: HmacOptions): string | undefined {
  if (before === undefined) return undefined;
  try {
    const [one, other]: readonly unknown[] = ["1700000000", "1800000000"].map((at) =>
      before(time === undefined ? "" : at),
    );
    if (typeof one !== "string" || typeof other !== "string") return "Its `before` answers no text.";
    return time !== undefined && one === other
      ? "Its `before` leaves the time out, so that it is not signed."
      : undefined;
  } catch {
    return "Its `before` is no function of the time, or throws.";
  }
}

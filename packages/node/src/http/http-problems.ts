import { didYouMean, isBanyanError, type TrustedProxies } from "@banyan/core";
import { callerAddress } from "./caller-address.ts";
import { isOrigin } from "./other-origins.ts";

type Given = Readonly<Record<string, unknown>>;

const HEADER = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Everything that is wrong with `http` of an application, a sentence each. It may come from JavaScript, so nothing is believed of its shape. */
export function httpProblems(http: unknown): readonly string[] {
  if (!isObject(http)) return ["`http` is not an object of options."];
  const { cors, rate, tls, trustProxy } = http;
  return [
    ...unknownIn("http", http, ["cors", "rate", "tls", "trustProxy"]),
    ...of("http.cors", cors, corsProblems),
    ...of("http.rate", rate, rateProblems),
    ...(tls === undefined || tls === "in-front"
      ? []
      : [`\`http.tls\` is ${said(tls)}: say "in-front", or leave it out.`]),
    ...of("http.trustProxy", trustProxy, proxyProblems),
  ];
}

function corsProblems(cors: Given): readonly string[] {
  const { origins, credentials, headers = [] } = cors;
  return [
    ...unknownIn("http.cors", cors, ["origins", "credentials", "headers"]),
    ...(Array.isArray(origins) ? origins.flatMap(originProblems) : [`\`http.cors.origins\` is not a list of origins.`]),
    ...(credentials === undefined || typeof credentials === "boolean"
      ? []
      : [`\`http.cors.credentials\` is ${said(credentials)}, and neither true nor false.`]),
    ...(Array.isArray(headers) ? headers : ["(not a list)"])
      .filter((name) => typeof name !== "string" || !HEADER.test(name))
      .map((name) => `\`http.cors.headers\` has ${said(name)}, which is not the name of a header.`),
  ];
}

function originProblems(origin: unknown): readonly string[] {
  if (typeof origin === "string" && isOrigin(origin)) return [];
  const has = `\`http.cors.origins\` has ${said(origin)}`;
  if (typeof origin === "string" && origin.includes("*"))
    return [`${has}: there are no patterns, list each origin as browsers send it.`];
  const meant = typeof origin === "string" && URL.canParse(origin) ? new URL(origin).origin : "null";
  const hint = /^https?:/.test(meant) ? ` Did you mean "${meant}"?` : " Write it as `https://app.example.com`.";
  return [`${has}, which no browser sends.${hint}`];
}

function rateProblems(rate: Given): readonly string[] {
  const names = ["perSecond", "burst", "concurrent"];
  const wrong = names.filter((name) => name in rate && !(typeof rate[name] === "number" && rate[name] >= 1));
  return [
    ...unknownIn("http.rate", rate, names),
    ...wrong.map(
      (name) => `\`http.rate.${name}\` is ${said(rate[name])}, and not a number from 1 on; \`Infinity\` is no limit.`,
    ),
  ];
}

function proxyProblems(trusted: Given): readonly string[] {
  const names = ["hops", "addresses"];
  const unknown = unknownIn("http.trustProxy", trusted, names);
  if ("hops" in trusted && "addresses" in trusted)
    return [...unknown, "`http.trustProxy` has both `hops` and `addresses`: say one of them."];
  if ("hops" in trusted) return [...unknown, ...refusalOf({ hops: trusted["hops"] as number })];
  const { addresses } = trusted;
  if (Array.isArray(addresses) && addresses.length > 0)
    return [...unknown, ...addresses.flatMap((one) => refusalOf({ addresses: [String(one)] }))];
  return [...unknown, "`http.trustProxy` names no proxy: say `{ hops: 1 }`, or list `addresses`."];
}

function refusalOf(trusted: TrustedProxies): readonly string[] {
  try {
    callerAddress(trusted);
    return [];
  } catch (error) {
    if (!isBanyanError(error) || error.code !== "config-invalid") throw error;
    return [error.message];
  }
}

function of(name: string, given: unknown, problems: (given: Given) => readonly string[]): readonly string[] {
  if (given === undefined) return [];
  return isObject(given) ? problems(given) : [`\`${name}\` is ${said(given)}, and not an object of options.`];
}

function unknownIn(name: string, given: Given, known: readonly string[]): readonly string[] {
  return Object.keys(given)
    .filter((key) => !known.includes(key))
    .map((key) => `\`${name}\` has no option "${key}".${didYouMean(key, known)}`);
}

function isObject(given: unknown): given is Given {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function said(given: unknown): string {
  return typeof given === "number" ? String(given) : (JSON.stringify(given) ?? typeof given);
}

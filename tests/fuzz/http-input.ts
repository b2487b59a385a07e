import { createHmac } from "node:crypto";
import { manifestOf, type App } from "@banyan/core";
import { OPS_REQUESTS } from "../../packages/node/src/ops/ops-requests.ts";
import { HEADERS } from "../authorisation/shop-door.ts";
import { signedHeaders } from "../../packages/node/src/raw/sign-standard-fixture.ts";
import { mutated, validFor, type Schema } from "./from-schema.ts";
import { HOOK_SECRET } from "./odd-app.ts";
import { oddJson, oddText, oddValue, type Draw } from "./odd-values.ts";

/** One request, as it can be shown. */
export interface HttpInput {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | Buffer | undefined;
}

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly schema: Schema;
}

const WITHOUT_BODY = new Set(["GET", "HEAD", "DELETE"]);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "get", "QUERY"];
const OWN_PATHS = ["health/live", "health/ready", "metrics", "openapi.json", "live", "asks/x", "commands", "ops", ""];
const CALLERS = Object.keys(HEADERS);

const ODD_HEADERS: readonly string[] = [
  "authorization",
  "cookie",
  "idempotency-key",
  "x-banyan-tenant",
  "content-type",
  "content-encoding",
  "origin",
  "sec-fetch-site",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "range",
  "accept",
  "x-forwarded-for",
  "host",
  "traceparent",
  "x-correlation-id",
  "x-order-token",
  "x-http-method-override",
  "forwarded",
  "access-control-request-method",
];

/** What such headers may have in them, so that some are nearly right. */
const PIECES: readonly string[] = [
  "Bearer ",
  "Basic ",
  "bk_robot_",
  "eyJhbGciOiJub25lIn0.",
  "eyJhbGciOiJFUzI1NiIsImtpZCI6e319.e30.",
  ".",
  "=",
  ";",
  "__Host-banyan-session=",
  "application/json",
  "; charset=utf-16",
  "gzip",
  "null",
  "https://a.test",
  "cross-site",
  "same-origin",
  "bytes=0-",
  '"x"',
  "*",
  "00-",
  "a".repeat(32),
  "-1",
  "127.0.0.1",
  ",",
  "acme",
  "default",
  "9".repeat(30),
];

/** Requests drawn from the contracts of an application. */
export class HttpInputs {
  readonly #operations: readonly Operation[];
  readonly #routes: readonly string[];

  constructor(app: App) {
    this.#routes = manifestOf(app).routes.map(({ http }) => http);
    this.#operations = manifestOf(app).contexts.flatMap(({ commands, queries }) =>
      [...commands, ...queries].flatMap(({ name, http, input }) => {
        const [method, path] = http?.split(" ") ?? [];
        return method === undefined || path === undefined ? [] : [{ name, method, path, schema: input as Schema }];
      }),
    );
  }

  draw(draw: Draw): HttpInput {
    const kind = draw.below(20);
    if (kind < 13) return this.#ofOperation(draw);
    if (kind < 16) return this.#batch(draw);
    if (kind < 18) return ops(draw);
    return this.#routes.length > 0 && draw.oneIn(2) ? this.#ofRoute(draw) : elsewhere(draw);
  }

  #ofOperation(draw: Draw): HttpInput {
    const { method, path, schema } = draw.of(this.#operations);
    const { value, body } = this.#given(schema, draw);
    const fields = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    const filled = path.replace(/:(\w+)/g, (_, name: string) => segment(fields[name], draw));
    const asked = draw.oneIn(15) ? draw.of(METHODS) : method;
    const query = WITHOUT_BODY.has(method) ? queryOf(fields, draw) : "";
    const withBody = WITHOUT_BODY.has(method) ? draw.oneIn(40) : true;
    const named = new Set([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
    const rest = draw.oneIn(8)
      ? fields
      : Object.fromEntries(Object.entries(fields).filter(([name]) => !named.has(name)));
    const sent = body ?? JSON.stringify(typeof value === "object" && !Array.isArray(value) ? rest : value);
    return { method: asked, path: filled + query, headers: headers(draw), body: withBody ? sent : undefined };
  }

  /** Raw routes take anything; to some it has to be signed, rightly or nearly. */
  #ofRoute(draw: Draw): HttpInput {
    const [method = "", path = ""] = draw.of(this.#routes).split(" ");
    const filled = path.replace(/:\w+/g, () => segment(oddValue(draw), draw));
    const value = draw.oneIn(3) ? { id: draw.oneIn(3) ? oddValue(draw) : `evt_${draw.below(99)}` } : oddValue(draw);
    const body = draw.oneIn(4) ? oddJson(draw, value) : (JSON.stringify(value) ?? "");
    const all = [...headers(draw), ...signatures(body, draw)];
    const asked = draw.oneIn(15) ? draw.of(METHODS) : method;
    return { method: asked, path: filled, headers: all, body: WITHOUT_BODY.has(asked) ? undefined : body };
  }

  /** A value for a schema, right or nearly, and what stands in its place where not even JSON is sent. */
  #given(schema: Schema, draw: Draw): { readonly value: unknown; readonly body: string | Buffer | undefined } {
    const right = validFor(schema, draw);
    const kind = draw.below(10);
    if (kind < 4) return { value: right, body: undefined };
    if (kind < 7) return { value: mutated(right, draw), body: undefined };
    if (kind < 8) return { value: oddValue(draw), body: undefined };
    return { value: right, body: large(draw) ?? oddJson(draw, right) };
  }

  #batch(draw: Draw): HttpInput {
    const one = (): unknown => {
      const { name, schema } = draw.of(this.#operations);
      const command = {
        operation: draw.oneIn(10) ? oddText(draw) : name,
        input: this.#given(schema, draw).value,
        ...(draw.oneIn(2) && { idempotencyKey: draw.oneIn(4) ? oddValue(draw) : `k${draw.below(50)}` }),
      };
      return draw.oneIn(6) ? mutated(command, draw) : command;
    };
    const commands = draw.some(draw.oneIn(40) ? 120 : 5, one);
    const whole = draw.oneIn(8) ? mutated({ commands }, draw) : { commands };
    const body = draw.oneIn(8) ? oddJson(draw, whole) : JSON.stringify(whole);
    return { method: "POST", path: "/_banyan/commands", headers: headers(draw), body };
  }
}

function signatures(body: string | Buffer, draw: Draw): HttpInput["headers"] {
  const text = body.toString();
  const id = draw.oneIn(6) ? oddText(draw) : `msg_${draw.below(99)}`;
  const at = Date.now() - draw.of([0, 0, 0, 299_000, 301_000, -301_000, 2 ** 52]);
  const standard = signedHeaders(HOOK_SECRET, { id, body: text, at });
  const time = String(Math.floor(at / 1_000));
  const digest = createHmac("sha256", HOOK_SECRET).update(`${time}.${text}`).digest("hex");
  const all = { ...standard, "odd-signature": `t=${time},v1=${digest}` };
  return Object.entries(all).map(([name, right]) => [name, draw.oneIn(8) ? headerText(draw) : right]);
}

/** About a MiB, one time in many: the limit is there. */
function large(draw: Draw): string | undefined {
  if (!draw.oneIn(60)) return undefined;
  const size = draw.of([1_000_000, 1_048_576, 1_048_577, 1_500_000]);
  const made = [
    () => `"${"x".repeat(size - 2)}"`,
    () => `[${"0,".repeat(size / 2 - 2)}0]`,
    () => `{"lines":[${'{"sku":"s1","quantity":1},'.repeat(30_000)}{}]}`,
    () => `{${Array.from({ length: 50_000 }, (_, i) => `"m${i}":1`).join()}}`,
    () => `{"labels":{${Array.from({ length: 40_000 }, (_, i) => `"m${i}":"x"`).join()}},"shape":null}`,
    () => `"${"\\u0000".repeat(size / 6 - 2)}"`,
  ];
  return draw.of(made)();
}

function segment(value: unknown, draw: Draw): string {
  const given = typeof value === "string" ? value : (JSON.stringify(value) ?? oddText(draw));
  return draw.oneIn(12) ? encoded(oddText(draw), draw) : encoded(given, draw);
}

function encoded(text: string, draw: Draw): string {
  if (draw.oneIn(20)) return text;
  return encodeURIComponent(text.toWellFormed());
}

function queryOf(fields: Readonly<Record<string, unknown>>, draw: Draw): string {
  const pair = ([name, value]: readonly [string, unknown]): string =>
    `${encoded(name, draw)}=${encoded(typeof value === "string" ? value : (JSON.stringify(value) ?? ""), draw)}`;
  const pairs = Object.entries(fields).map(pair);
  if (draw.oneIn(5)) pairs.push(pair(["after", oddText(draw)]));
  if (draw.oneIn(10))
    pairs.push(pair(["limit", draw.of(["0", "-1", "1e3", "1000", "١", " 5", "0x10", "9".repeat(99)])]));
  if (draw.oneIn(15)) pairs.push(...draw.some(400, () => "after=x"), oddText(draw));
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

function headers(draw: Draw): HttpInput["headers"] {
  const caller = draw.oneIn(3) ? "operator" : draw.of(CALLERS);
  const own = Object.entries(HEADERS[caller] ?? {});
  const all: [string, string][] = draw.oneIn(20) ? own : [...own, ["content-type", "application/json"]];
  if (draw.oneIn(3)) all.push(["idempotency-key", draw.oneIn(4) ? oddText(draw) : `k${draw.below(500)}`]);
  if (draw.oneIn(4)) all.push(...draw.some(3, (): [string, string] => [draw.of(ODD_HEADERS), headerText(draw)]));
  return all;
}

function headerText(draw: Draw): string {
  return draw.oneIn(4) ? oddText(draw) : draw.some(5, () => draw.of(PIECES)).join("");
}

/** The fields of operations; a right `file` of a backup is not among what is drawn, since it would be written. */
const OPS_FIELDS: Readonly<Record<string, readonly unknown[]>> = {
  subscription: ["odd.tell", "orders.x", "odd"],
  source: ["odd", "orders"],
  position: [0, 1, 2, 2 ** 53],
  limit: [1, 100, 1_000, 0],
  state: ["dead", "retrying", "lost"],
  after: [0, 5, "5", -1],
  key: ["s1", ""],
  why: ["because", " "],
  of: ["log", "parked"],
  from: [0, 1],
};

function ops(draw: Draw): HttpInput {
  const { method, path } = draw.of(OPS_REQUESTS);
  const names = draw.some(5, () => draw.of(Object.keys(OPS_FIELDS)));
  const fields = Object.fromEntries(names.map((name) => [name, draw.of(OPS_FIELDS[name] ?? [])]));
  const given =
    path === "/backup" ? { file: draw.of(["x", "", 1, null, "a\0b"]) } : draw.oneIn(3) ? mutated(fields, draw) : fields;
  const all = draw.oneIn(4) ? headers(draw) : headers(draw).filter(([name]) => name !== "idempotency-key");
  const operator = Object.entries(HEADERS["operator"] ?? {});
  const sent = [
    ...(draw.oneIn(2) ? operator : []),
    ...all.filter(([name]) => name !== "authorization" || draw.oneIn(2)),
  ];
  const query = queryOf(Object(given) as Record<string, unknown>, draw);
  const to = `/_banyan/ops${path}`;
  if (method === "GET") return { method, path: to + query, headers: sent, body: undefined };
  const body = draw.oneIn(6) && path !== "/backup" ? oddJson(draw, given) : JSON.stringify(given);
  return { method: draw.oneIn(12) ? draw.of(METHODS) : "POST", path: to, headers: sent, body };
}

function elsewhere(draw: Draw): HttpInput {
  const own = `/_banyan/${draw.of(OWN_PATHS)}`;
  const long = `/${"a/".repeat(draw.below(5_000))}`;
  const spelled = draw.of([
    "/orders//x",
    "/./orders",
    "/%2e%2e/orders",
    "/orders/",
    "//orders",
    "/orders/%c0%af",
    "/ORDERS",
    "*",
  ]);
  const path = draw.of([own, long, spelled, `${spelled}?${oddText(draw)}`, `/${encoded(oddText(draw), draw)}`]);
  const body = draw.oneIn(3) ? oddJson(draw, oddValue(draw)) : undefined;
  return { method: draw.of(METHODS), path, headers: headers(draw), body };
}

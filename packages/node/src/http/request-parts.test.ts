import { expect, test } from "vitest";
import { isLoopbackAddress, namesThisMachine } from "./host-header.ts";
import { correlationOf, idempotencyKeyOf, openHeaders, traceparentOf } from "./request-headers.ts";
import { isCanonical, targetOf } from "./request-target.ts";

const headers = (name: string, value: string): Headers => new Headers({ [name]: value });

test.each(["/", "/orders", "/orders/42", "/stock/a%2Fb", "/stock/%61", "/a;x=1", "/a:b@c", "/...", "/.x"])(
  "%s is canonical",
  (path) => {
    expect(isCanonical(path)).toBe(true);
  },
);

test.each([
  "",
  "orders",
  "//",
  "/orders/",
  "//orders",
  "/orders//42",
  "/./orders",
  "/orders/..",
  "/%2e%2e/x",
  "/%2E/x",
  "/a/.%2e",
  "/a%",
  "/a%zz",
  "/a%ff",
  "/a\\b",
  "/a#b",
  "/a b",
  "/é",
  "/a\0",
])("%j is not", (path) => {
  expect(isCanonical(path)).toBe(false);
});

test("a target is taken apart at the first question mark", () => {
  expect(targetOf("/a?b=c?d", 100)).toEqual({ path: "/a", query: "b=c?d" });
  expect(() => targetOf("http://other/a", 100)).toThrow("not a path");
  expect(() => targetOf("*", 100)).toThrow("not a path");
  expect(() => targetOf(`/${"a".repeat(100)}`, 100)).toThrow("longer than 100");
});

test.each([
  ["localhost", true],
  ["LOCALHOST:3000", true],
  ["app.localhost:1", true],
  ["127.0.0.1:3000", true],
  ["127.9.9.9", true],
  ["[::1]:3000", true],
  [undefined, false],
  ["", false],
  ["evil.example", false],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["evil.example:3000@localhost", false],
  ["localhost:3000:4000", false],
  ["0.0.0.0", false],
  ["[::]", false],
])("host %j names this machine: %s", (host, expected) => {
  expect(namesThisMachine(host)).toBe(expected);
});

test("addresses that only this machine reaches", () => {
  expect(["localhost", "127.0.0.1", "127.1.2.3", "::1"].every(isLoopbackAddress)).toBe(true);
  expect(["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.x"].some(isLoopbackAddress)).toBe(false);
});

test("contexts see plain headers, and nothing that identifies or pretends", () => {
  const open = { "user-agent": "x", accept: "*/*", "x-order-token": "t", "x-request-id": "r", "content-type": "a" };
  const ofSenders = ["x-amz-sns-message-type", "x-amz-sns-topic-arn", "x-vercel-signature", "stripe-signature"];
  const withheld = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-user",
    "x-real-ip",
    "x-user-id",
    "x-user",
    "x_forwarded_for",
    "x-remote-user",
    "remote-user",
    "x-auth-request-email",
    "x-tenant-id",
    "x-roles",
    "x-client-ip",
    "cf-connecting-ip",
    "true-client-ip",
    "via",
    "host",
    "x-original-url",
    "x-banyan-principal",
    "x-username",
    "x-userinfo",
    "x-consumer-id",
    "x-credential-identifier",
    "x-webauth-user",
    "x-pomerium-jwt-assertion",
    "x-jwt-assertion",
    "x-authentik-username",
    "x-goog-authenticated-user-email",
    "x-ms-client-principal-id",
    "x-amzn-oidc-identity",
    "x-api-key",
    "x-access-token",
    "x-authorization",
    "x-serverless-authorization",
    "x-endpoint-api-userinfo",
    "x-apigateway-api-userinfo",
    "apikey",
    "gap-auth",
    "logon-user",
    "eppn",
    "tailscale-user-login",
    "impersonate-user",
    "iv-user",
    "sm_user",
    "oam_remote_user",
    "osso-user-dn",
    "oidc_claim_sub",
    "shib-session-id",
    "mellon-name-id",
    "teleport-jwt-assertion",
    "x-hasura-role",
    "x-appengine-user-email",
    "x-sandstorm-user-id",
    "x-vercel-oidc-token",
    "x-vercel-forwarded-for",
    "x-nf-client-connection-ip",
    "x-amz-security-token",
    "x-amz-firehose-access-key",
    "x-jwt",
    "x-jwt-claims",
    "x-token",
    "x-token-subject",
  ];
  const given: [string, string][] = [
    ...Object.entries(open),
    ...ofSenders.map((name): [string, string] => [name, "x"]),
    ...withheld.map((name): [string, string] => [name, "evil"]),
  ];
  expect(openHeaders(given)).toEqual({ ...open, ...Object.fromEntries(ofSenders.map((name) => [name, "x"])) });
});

test.each(["a", "x".repeat(255), "a b~!", "8e03978e-40d5-43dd-bc93-6894a57f9324"])(
  "%j is an idempotency key",
  (key) => {
    expect(idempotencyKeyOf(headers("idempotency-key", key))).toBe(key);
  },
);

test.each(["", "x".repeat(256), "a\tb", "clé"])("%j is none", (key) => {
  expect(() => idempotencyKeyOf(headers("idempotency-key", key))).toThrow("printable");
});

const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

test("a traceparent passes when it is one", () => {
  expect(traceparentOf(headers("traceparent", TRACE))).toBe(TRACE);
  const zeros = `00-${"0".repeat(32)}-00f067aa0ba902b7-01`;
  for (const wrong of ["", "x", TRACE.toUpperCase(), `ff${TRACE.slice(2)}`, zeros, `${TRACE}-x`]) {
    expect(traceparentOf(headers("traceparent", wrong))).toBeUndefined();
  }
});

test("a correlation passes when it is short and plain", () => {
  expect(correlationOf(headers("x-correlation-id", "order:42/a_b"))).toBe("order:42/a_b");
  for (const wrong of ["", "a b", "x".repeat(129), "é", "<x>"]) {
    expect(correlationOf(headers("x-correlation-id", wrong))).toBeUndefined();
  }
});

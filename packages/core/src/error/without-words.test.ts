import { expect, test } from "vitest";
import { BanyanError, refuse } from "./banyan-error.ts";
import { withoutWords } from "./without-words.ts";

const email = "Ann.Doe@example.org";

test.each([
  [`mailbox of ${email} is full`, "mailbox of [personal] is full"],
  [`GET /users/${encodeURIComponent(email)}: 404`, "GET /users/[personal]: 404"],
  [`no ${email.toLowerCase()} here`, "no [personal] here"],
  [`{"name":"A \\"B\\" C"}`, '{"name":"[personal]"}'],
  ["card 4000123412341234 was declined", "card [personal] was declined"],
  ["Ann cannot pay", "[personal] cannot pay"],
  ["a+b is not a.b", "[personal] is not a.b"],
  ["what is personal stays", "what is personal stays"],
])("%s", (message, clear) => {
  const values = [email, 'A "B" C', "4000123412341234", "Ann", "a+b"];
  expect(withoutWords(new BanyanError("x", message), values).message).toBe(clear);
});

test("a value that lies in another leaves nothing of the longer one", () => {
  expect(withoutWords(new BanyanError("x", `to ${email}`), ["Ann", email, "example"]).message).toBe("to [personal]");
});

test("causes, details and stacks repeat nothing either, and what the runtime decides by stays", () => {
  const inner = Object.assign(new TypeError(`bad ${email}`), { code: "EBAD", detail: email });
  const cause = new Error(`while sending to ${email}`, { cause: inner });
  const whole = refuse("mailbox-full", `of ${email}`, {
    kind: "unavailable",
    remedy: `ask ${email}`,
    details: { to: [email, 7], size: 40001234 },
  });
  Object.assign(whole, { cause, retryAfterMs: 5 });
  const clear = withoutWords(whole, [email, "40001234"]);
  const written = [clear, clear.cause, (clear.cause as Error).cause].map((one) =>
    [one, (one as Error).message, (one as Error).stack, JSON.stringify(one)].join(),
  );
  expect(written.join()).not.toContain("Ann.Doe");
  expect(clear).toMatchObject({ code: "mailbox-full", kind: "unavailable", retry: "later", retryAfterMs: 5 });
  expect(clear.details).toEqual({ to: ["[personal]", 7], size: "[personal]" });
  expect((clear.cause as Error).cause).toMatchObject({ name: "TypeError", code: "EBAD" });
  expect(clear.stack).toContain("without-words.test.ts");
});

test("causes that go round in a circle end", () => {
  const cause = new Error(email);
  cause.cause = cause;
  expect(withoutWords(new BanyanError("x", "y", { cause }), [email]).message).toBe("y");
});

test("a cause that fails when it is looked at is left out", () => {
  const cause = Object.defineProperty(new Error(email), "message", {
    get: () => email.at(-1)?.at(-1)?.normalize("no"),
  });
  expect(withoutWords(new BanyanError("x", "y", { cause }), [email]).cause).toBeUndefined();
});

const long = "Straße é ".repeat(100_000);
const many = Array.from({ length: 20_000 }, (_, i) => `a person of the name ${i} ${"x".repeat(100)}`);

test.each([
  ["long", [long]],
  ["many", many],
])("values that are %s are replaced, and the error stays what it is", (_, values) => {
  const whole = refuse("no-room", `none for ${values[0]} here`, { kind: "conflict" });
  const clear = withoutWords(whole, values);
  expect(clear).toMatchObject({ code: "no-room", kind: "conflict", retry: "never" });
  expect(clear.message).toBe("none for [personal] here");
});

test("values that overlap leave nothing of either, and what stands instead is not looked through", () => {
  const clear = withoutWords(new BanyanError("x", "Doe Ann Lee, personal"), ["Doe Ann", "Ann Lee", "personal"]);
  expect(clear.message).toBe("[personal], [personal]");
});

test("details that are no JSON are left out, and the error stays what it is", () => {
  const round: Record<string, unknown> = { email };
  round["round"] = round;
  const asking = {
    get to(): string {
      throw new Error(email);
    },
  };
  for (const details of [round, asking]) {
    const clear = withoutWords(refuse("mailbox-full", "It is full.", { kind: "conflict", details }), [email]);
    expect(clear).toMatchObject({ code: "mailbox-full", message: "It is full.", retry: "never" });
    expect(clear.details).toBeUndefined();
  }
});

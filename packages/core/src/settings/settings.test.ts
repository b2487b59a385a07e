import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { resolveSettings, type FoundSetting, type SettingsLayer } from "./resolve.ts";
import { Secret, secret } from "./secret.ts";
import { settings, type SettingsShape } from "./settings.ts";
import { givenSettings, treeLayer } from "./tree.ts";

const CANARY = "canary-7f3a";

const shop = settings({
  providerUrl: z.url(),
  retries: z.coerce.number().int().min(1).default(3),
  db: { baseURLOfIt: z.url(), password: secret(z.string().min(16)) },
});

test("each setting has a variable in capitals, and a secret one for a file too", () => {
  expect(shop.fields.map(({ name, variable, fileVariable }) => [name, variable, fileVariable])).toEqual([
    ["providerUrl", "PROVIDER_URL", undefined],
    ["retries", "RETRIES", undefined],
    ["db.baseURLOfIt", "DB_BASE_URL_OF_IT", undefined],
    ["db.password", "DB_PASSWORD", "DB_PASSWORD_FILE"],
  ]);
  expect(settings({ port: z.int() }, { prefix: "SHOP" }).fields[0]?.variable).toBe("SHOP_PORT");
  expect(shop.at).toMatch(/settings\.test\.ts:\d+:\d+$/);
});

test("what is wrong with a declaration is said at once, by name", () => {
  const shape = {
    "not-camel": z.string(),
    path: z.string(),
    port: 3 as unknown as SettingsShape,
    dbUrl: z.url(),
    db: { url: z.url() },
    key: secret(z.string()),
    keyFile: z.string(),
    banyan: { devToken: z.string() },
  };
  const message = messageOf(() => settings(shape, { prefix: "" }));
  expect(message).toContain('"not-camel" is not in camelCase');
  expect(message).toContain('"path" would be set by PATH');
  expect(message).toContain('"port" is neither');
  expect(message).toContain('"dbUrl" and "db.url" would both be set by DB_URL');
  expect(message).toContain('"key" and "keyFile" would both be set by KEY_FILE');
  expect(message).toContain('"banyan.devToken" would be set by BANYAN_DEV_TOKEN');
  expect(messageOf(() => settings({}, { prefix: "shop" }))).toContain('the prefix "shop"');
});

test("the first source that has a setting gives it, and the schema what none has", () => {
  const layers = [
    texts({ PROVIDER_URL: "https://a" }),
    treeLayer(shop, { providerUrl: "https://b", retries: 5 }, FILE),
  ];
  const { values, states } = resolveSettings(shop, layers);
  expect(values).toEqual({ providerUrl: "https://a", retries: 5 });
  expect(states.map(({ name, source, set, valid }) => [name, source, set, valid])).toEqual([
    ["providerUrl", "the variable PROVIDER_URL", true, true],
    ["retries", "banyan.json", true, true],
    ["db.baseURLOfIt", undefined, false, false],
    ["db.password", undefined, false, false],
  ]);
  expect(resolveSettings(shop, []).states[1]).toMatchObject({ source: "default", set: false, valid: true });
});

test("every mistake is told at once, with name, source and what was expected, and no value", () => {
  const tree = { providerURL: CANARY, db: { password: CANARY, pasword: CANARY }, retries: CANARY };
  const { problems, values } = resolveSettings(shop, [treeLayer(shop, tree, FILE)]);
  // #region mistakes
  expect(problems.map(({ message }) => message)).toEqual([
    'providerURL in banyan.json is no setting. Did you mean "providerUrl"?',
    'db.pasword in banyan.json is no setting. Did you mean "password"?',
    "providerUrl is not set. Expected: a URL.",
    "retries from banyan.json is wrong. Expected: a whole number of 1 or more.",
    "db.baseURLOfIt is not set. Expected: a URL.",
    "db.password from banyan.json is wrong. Expected: text of 16 characters or more.",
  ]);
  // #endregion
  expect(JSON.stringify(values)).not.toContain(CANARY);
});

test("text from a variable is JSON where the schema reads something else", () => {
  const declared = settings({
    flag: z.coerce.boolean(),
    count: z.number(),
    list: z.array(z.string()),
    zip: z.string(),
    either: z.union([z.number(), z.literal("none")]),
    on: z.stringbool(),
  });
  const read = (variables: Record<string, string>): unknown => resolveSettings(declared, [texts(variables)]).values;
  const good = { FLAG: "false", COUNT: "5", LIST: '["a"]', ZIP: "01234", EITHER: "none", ON: "yes" };
  expect(read(good)).toEqual({ flag: false, count: 5, list: ["a"], zip: "01234", either: "none", on: true });
  expect(read({ ...good, EITHER: "7" })).toMatchObject({ either: 7 });
  // `Boolean("no")` is true
  expect(read({ ...good, FLAG: "no", COUNT: "", LIST: "a" })).toEqual({ zip: "01234", either: "none", on: true });
});

test.each<[string, SettingsShape]>([
  ["zod", { key: secret(z.enum(["a", "b"])) }],
  [
    "zod, refined",
    { key: secret(z.string().refine((text) => text === "x", { error: ({ input }) => `not ${String(input)}` })) },
  ],
  ["zod, without JSON Schema", { key: secret(z.preprocess(Number, z.date())) }],
  ["arktype", { key: secret(type("number")) }],
  [
    "valibot",
    {
      key: secret(
        v.pipe(
          v.string(),
          v.regex(/^x$/, ({ received }) => `got ${received}`),
        ),
      ),
    },
  ],
  [
    "a schema that throws",
    {
      key: secret(
        z.string().transform((text) => {
          throw new Error(text);
        }),
      ),
    },
  ],
  ["a schema that waits", { key: secret(z.string().refine(async (text) => text === "x")) }],
])("no message of a schema library gets through: %s", (...row) => {
  const declared = settings(row[1]);
  const { problems } = resolveSettings(declared, [texts({ KEY: CANARY })]);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.expected).not.toBe("");
  expect(JSON.stringify(problems)).not.toContain(CANARY);
});

test("what is wrong inside a value is named as far as the schema names it", () => {
  const declared = settings({ hosts: z.array(z.object({ port: z.int() })), by: z.record(z.string(), z.int()) });
  const { problems } = resolveSettings(declared, [
    treeLayer(declared, { hosts: [{ port: CANARY }], by: { [CANARY]: CANARY } }, FILE),
  ]);
  expect(problems.map(({ expected }) => expected)).toEqual(["a whole number at 0.port", "an object"]);
});

test("settings given in code are checked, completed and wrapped; a secret may come as one", () => {
  const db = { baseURLOfIt: "https://db", password: new Secret(`${CANARY}-of-a-length`) };
  const values = givenSettings(shop, { providerUrl: "https://a", db }) as { db: { password: Secret } };
  expect(values).toMatchObject({ providerUrl: "https://a", retries: 3, db: { baseURLOfIt: "https://db" } });
  expect(values.db.password.reveal()).toBe(`${CANARY}-of-a-length`);
  expect(messageOf(() => givenSettings(shop, {}))).toMatch(/3 mistakes.*\n.*providerUrl is not set/);
  expect(messageOf(() => givenSettings(undefined, { a: 1 }))).toContain("a in the settings given is no setting.");
  expect(givenSettings(undefined)).toEqual({});
});

test("names of Object.prototype are no settings", () => {
  const tree: unknown = JSON.parse(`{"__proto__": {"retries": 9}, "constructor": 1}`);
  const { problems, values } = resolveSettings(shop, [treeLayer(shop, tree, FILE)]);
  expect(problems.slice(0, 2).map(({ name }) => name)).toEqual(["__proto__", "constructor"]);
  expect(values).toMatchObject({ retries: 3 });
});

test("a file that is no object, or a group that is none, is told", () => {
  const messages = [[], { db: CANARY }].map((tree) =>
    treeLayer(shop, tree, FILE).problems.map(({ message }) => message),
  );
  expect(messages).toEqual([
    ["banyan.json is wrong. Expected: an object."],
    ["db in banyan.json is wrong. Expected: an object."],
  ]);
});

const FILE = { source: "banyan.json" };

function texts(variables: Readonly<Record<string, string>>): SettingsLayer {
  const find = ({ variable }: { readonly variable: string }): FoundSetting | undefined => {
    const value = variables[variable];
    return value === undefined ? undefined : { value, text: true, source: `the variable ${variable}` };
  };
  return { find, problems: [] };
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return "";
}

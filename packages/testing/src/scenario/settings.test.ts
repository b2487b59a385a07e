import {
  anyone,
  app,
  command,
  context,
  memory,
  memoryDisk,
  needs,
  secret,
  settings,
  tables,
  type App,
  type Secret,
} from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { simulateSeed } from "../simulation/index.ts";
import { scenario } from "./scenario.ts";

interface Bell {
  readonly rings: number;
  readonly key: Secret;
}
const Ring = command("porch.ring", {
  input: z.object({}),
  output: z.object({ rings: z.int(), length: z.int() }),
});

function porch(): App {
  const contract = { Ring };
  const bell = context("porch", { contract, tx: tables(), ports: needs<{ readonly bell: Bell }>("bell") });
  bell.handle(Ring, { allow: anyone(), before: (_, { ports }) => ports.bell }, (_, { before: { rings, key } }) => ({
    rings,
    length: key.reveal().length,
  }));
  return app({
    contexts: [bell],
    settings: settings({ rings: z.int().default(3), key: secret(z.string().min(4)) }),
    ports: ({ settings: bell }) => ({ porch: { bell } }),
  });
}

// #region settings
test("settings are given in the test, and completed by their schemas", async () => {
  const test = await scenario(porch(), { store: () => memory(), settings: { key: "a test's own" } });
  expect((await test.when(Ring, {})).value).toEqual({ rings: 3, length: 12 });
  await test.stop();
});
// #endregion

test("settings that are wrong, or missing, fail the start of a scenario", async () => {
  const begin = (given: object): Promise<unknown> =>
    scenario(porch(), { store: () => memory(), settings: { ...given } });
  await expect(begin({ key: "abc", ring: 1 })).rejects.toMatchObject({
    code: "settings-invalid",
    message: expect.stringMatching(
      /ring in the settings given is no setting.*\n.*key from the settings given is wrong/,
    ),
  });
  await expect(scenario(porch(), { store: () => memory() })).rejects.toMatchObject({ code: "settings-invalid" });
});

test("a simulation is given them too", async () => {
  const answers: unknown[] = [];
  const result = await simulateSeed({
    seed: 1,
    disk: memoryDisk,
    store: memory,
    scenario: () => ({
      app: porch(),
      settings: { rings: 5, key: "simulated" },
      clients: [async (client) => void answers.push(await client.command(Ring, {}))],
    }),
  });
  expect(result.breaches.slice(0, 2)).toEqual([]);
  expect(answers).toMatchObject([{ ok: true, value: { rings: 5, length: 9 } }]);
});

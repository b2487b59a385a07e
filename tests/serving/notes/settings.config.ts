import { anyone, app, command, context, needs, secret, settings, type Secret } from "banyan";
import { z } from "zod";

const Settled = command("desk.settled", {
  http: "POST /settled",
  input: z.object({}),
  output: z.object({ greeting: z.string(), retries: z.int(), length: z.int() }),
});
const How = z.enum(["holder", "thing", "error", "cause", "rejection", "crash"]);
const Fail = command("desk.fail", { http: "POST /fail/:how", input: z.object({ how: How }), output: z.null() });

interface Port {
  readonly greeting: string;
  readonly retries: number;
  readonly key: Secret;
}

const desk = context("desk", { contract: { Settled, Fail }, ports: needs<{ readonly port: Port }>("port") });

desk.handle(
  Settled,
  { allow: anyone(), before: (_, { ports }) => ports.port },
  (_, { before: { greeting, retries, key } }) => ({ greeting, retries, length: key.reveal().length }),
);
desk.handle(Fail, { allow: anyone(), before: ({ how }, { ports: { port } }) => fail(how, port) }, () => null);

function fail(how: z.infer<typeof How>, port: Port): void {
  // oxlint-disable-next-line typescript/only-throw-error -- what nobody should throw is thrown
  if (how === "holder") throw port.key;
  // oxlint-disable-next-line typescript/only-throw-error, eslint/no-throw-literal -- what nobody should throw is thrown
  if (how === "thing") throw { port };
  if (how === "rejection") void Promise.reject(Object.assign(new Error("lost"), { port }));
  if (how === "crash")
    setImmediate(() => {
      throw Object.assign(new Error(`crashed with ${String(port.key)}`), { port });
    });
  if (how === "error") throw Object.assign(new Error(`failed with ${String(port.key)}`), { port });
  if (how === "cause") throw new Error("failed", { cause: port });
}

/** An application that is told things from outside, one of them a secret. */
export default app({
  contexts: [desk],
  settings: settings({
    greeting: z.string().default("hello"),
    retries: z.coerce.number().int().default(3),
    desk: { key: secret(z.string().min(16)) },
  }),
  ports: ({
    settings: {
      greeting,
      retries,
      desk: { key },
    },
  }) => ({ desk: { port: { greeting, retries, key } } }),
});

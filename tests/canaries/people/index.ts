import { anyone, backoff, context, isErased, needs, roles, sqlFiles, type Secret } from "banyan";
import * as contract from "./contract.ts";

interface Port {
  readonly key: Secret;
}

/** People who come to grief in every way there is, with words that name them. */
export const people = context("people", {
  contract,
  ports: needs<Port>("key"),
  migrations: sqlFiles(new URL("./migrations/", import.meta.url)),
});

function thrown(email: string): Error {
  return new Error(`mailbox of ${email} is full`, { cause: new TypeError(`no <${email}>`, { cause: email }) });
}

people.handle(
  contract.Join,
  {
    allow: anyone(),
    before: ({ how, email }, { ports }) => {
      if (how === "before") throw thrown(email);
      // oxlint-disable-next-line typescript/only-throw-error, eslint/no-throw-literal -- what nobody should throw is thrown
      if (how === "text") throw `${email} is full, ${String(ports.key)}`;
      // as nobody should: that it is found shows that the others would be
      if (how === "leak") process.stdout.write(`${email} ${ports.key.reveal()}\n`);
    },
  },
  async ({ how, ...person }, { tx, emit }) => {
    const { id, email } = person;
    if (how === "throw") throw thrown(email);
    if (how === "statement") await tx.execute(`INSERT INTO people_missing VALUES ('${email}')`);
    if (how === "trigger") await tx.execute("INSERT INTO people_refused (email) VALUES (?)", [email]);
    if (how === "check") await tx.execute("INSERT INTO people_person (id, email) VALUES (?, ?)", [id, `${email} `]);
    if (how === "emit") emit(contract.Moved, { id, email: `no address ${email}` });
    if (how === "rejection") void Promise.reject(thrown(email));
    if (how === "crash")
      setImmediate(() => {
        throw thrown(email);
      });
    if (how === "ok") await tx.execute("INSERT INTO people_person (id, email) VALUES (?, ?)", [id, email]);
    emit(contract.Joined, person);
    return { id };
  },
);
people.handle(contract.Tell, { allow: anyone() }, () => {});
people.handle(contract.Strict, { allow: anyone() }, () => {});
people.handle(contract.Answer, { allow: anyone() }, ({ id, email }) => ({ id, email: `no address ${email}` }));
people.handle(contract.Guarded, { allow: ({ input }) => Promise.reject(thrown(input.email)) }, () => {});
people.answer(contract.Find, { allow: anyone() }, async ({ email, how }, { read }) => {
  if (how === "statement") await read.execute(`SELECT ${JSON.stringify(email)}, x FROM people_missing`);
  throw thrown(email);
});
people.answer(contract.Search, { allow: roles("operator") }, () => ({ found: 0 }));

const retry = backoff("1ms", "1ms", 2);
people.on(
  contract.Joined,
  {
    name: "greet",
    from: "start",
    retry,
    before: async ({ data: { id, email } }, { once }) => {
      const to = isErased(email) ? "nobody" : email;
      if (id === "recorded") await once("mail", { idempotent: true }, () => Promise.resolve({ sent: to }));
      if (id === "refused") await once("mail", { idempotent: true }, () => Promise.reject(thrown(to)));
      if (id === "before") throw thrown(to);
    },
  },
  async ({ data: { id, email } }, { tx }) => {
    const to = isErased(email) ? "nobody" : email;
    if (id === "sql") await tx.execute(`INSERT INTO people_missing VALUES ('${to}')`);
    throw thrown(to);
  },
);

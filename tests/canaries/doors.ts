import { connect } from "node:net";
import type { Said } from "./canary.ts";
import { CANARIES, EMAIL, NOTE, PHONE, visitors } from "./people-folder.ts";

const { header, query, path, body, bytes } = CANARIES;
const CARRIED = {
  "user-agent": header.text,
  referer: `https://example.org/?${query.text}`,
  "x-api-key": header.text,
  "x-note": header.text,
  "x-forwarded-for": header.text,
  "x-correlation-id": `flow-of-nobody`,
  traceparent: header.text,
  "webhook-id": header.text,
  "webhook-timestamp": String(Math.floor(Date.now() / 1_000)),
  "webhook-signature": `v1,${header.text}`,
};

/** Everything that goes wrong with a command, a query, or on the way to one. */
const REQUESTS: readonly (readonly [method: string, target: string, sent?: object | string])[] = [
  ...["throw", "text", "before", "statement", "trigger", "check", "emit", "rejection"].map(
    (how) => ["POST", `/people/${how}`, { id: how, email: EMAIL, phone: PHONE, note: NOTE }] as const,
  ),
  ["POST", "/tell", { id: "a", email: `${EMAIL} and more` }],
  ["POST", "/tell", { id: "a", email: EMAIL, phone: `${PHONE} and more` }],
  ["POST", "/strict", { id: "a", email: `${EMAIL} and more` }],
  ["POST", "/strict", { id: "a", email: EMAIL, phone: `${PHONE} and more` }],
  ["POST", "/answer", { id: "a", email: EMAIL }],
  ["POST", "/guarded", { id: "a", email: EMAIL }],
  ["POST", "/raw/throw", { id: "raw", email: EMAIL }],
  ["POST", "/raw/cut", { id: "raw", email: EMAIL }],
  ["POST", "/hook", { id: "raw", email: EMAIL }],
  ["GET", `/people/of/${encodeURIComponent(EMAIL)}`],
  ["GET", `/people/of/${encodeURIComponent(EMAIL)}?how=statement`],
  ["GET", `/people?email=${encodeURIComponent(`${EMAIL} and more`)}`],
  ["GET", `/people?email=${encodeURIComponent(EMAIL)}`],
  ["GET", `/people?email=${encodeURIComponent(EMAIL)}&also=${query.text}`],
  ["GET", `/${path.text}/${path.text}?${query.text}=${query.text}`],
  ["DELETE", `/people?email=${query.text}`],
  ["GET", `/people/of/%ZZ${path.text}`],
  ["GET", `/_banyan/ops/${path.text}?${query.text}`],
  ["GET", `/_banyan/ops/delivery/parked?limit=${query.text}`],
  ["POST", "/tell", `{"id":"a","email":"${body.text}`],
  ["POST", "/tell", `"${body.text}"`],
  ["POST", "/tell", `{"id":"a","email":"${body.text}${"x".repeat(1024 * 1024)}"}`],
  [
    "POST",
    "/_banyan/commands",
    {
      commands: [
        { operation: "people.join", input: { id: "batch", how: "throw", email: EMAIL } },
        { operation: "people.tell", input: { id: "batch", email: `${EMAIL} and more` } },
        { operation: "people.nothing", input: { id: body.text } },
      ],
    },
  ],
];

/** What a guest is answered, in their order: that each goes wrong in its own way. */
export const ENDS: readonly number[] = [
  500, 500, 500, 500, 500, 500, 500, 200, 400, 400, 400, 400, 500, 500, 500, 200, 401, 500, 500, 400, 403, 400, 404,
  405, 404, 403, 403, 400, 400, 413, 200,
];

/** Asks everything as everybody, and gives back what was answered. */
export async function throughEveryDoor(url: string): Promise<Said> {
  const said: Said = [];
  for (const [n, visitor] of visitors().entries()) {
    for (const [method, target, sent] of REQUESTS) {
      const json = sent === undefined ? {} : { body: typeof sent === "string" ? sent : JSON.stringify(sent) };
      const type = sent === undefined ? {} : { "content-type": "application/json" };
      const answer = await fetch(url + target, { method, headers: { ...CARRIED, ...visitor, ...type }, ...json });
      const where = `answer ${answer.status} to visitor ${n} of ${method} ${target.slice(0, 20)}`;
      const told = await answer.text().catch(() => "cut off");
      said.push([where, [told, ...[...answer.headers].flat()].join("\n")]);
    }
  }
  return said;
}

/** A key that is taken for another command, and one that is no key. */
export async function withKeys(url: string): Promise<Said> {
  const said: Said = [];
  for (const [key, id] of [
    [header.text, "one"],
    [header.text, "two"],
    [`${header.text}é`, "three"],
  ] as const) {
    const headers = { "content-type": "application/json", "idempotency-key": key };
    const sent = { method: "POST", headers, body: JSON.stringify({ id, email: EMAIL }) };
    const answer = await fetch(`${url}/strict`, sent);
    said.push([`answer ${answer.status} to a key`, await answer.text()]);
  }
  return said;
}

/** What is no request. */
export async function asBytes(port: number): Promise<Said> {
  const said: Said = [];
  for (const sent of [
    `${bytes.text} \r\n\r\n`,
    `GET /${bytes.text}\x01 HTTP/1.1\r\nhost: ${bytes.text}\r\n\r\n`,
    `GET / HTTP/1.1\r\n${bytes.text} : x\r\n\r\n`,
    `GET http://${bytes.text}/ HTTP/1.1\r\nhost: ${bytes.text}\r\nconnection: close\r\n\r\n`,
    `POST /tell HTTP/1.1\r\nhost: localhost\r\nexpect: ${bytes.text}\r\n\r\n`,
    `POST /tell HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${bytes.text}\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${bytes.text.repeat(2_000)}\r\n\r\n`,
  ]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(sent));
    socket
      .setEncoding("utf8")
      .on("data", (chunk: string) => (text += chunk))
      .on("error", () => {})
      .on("close", () => resolve());
    await promise;
    said.push([`answer to bytes ${text.slice(0, 20)}`, text]);
  }
  return said;
}

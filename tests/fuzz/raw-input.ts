import { connect } from "node:net";
import { oddText, type Draw } from "./odd-values.ts";
import type { HttpInput } from "./http-input.ts";
import type { Told } from "./oracle.ts";

/** Long enough for every limit of the server to pass; whoever has no answer by then hangs. */
const HANGS_MS = 5_000;

const LENGTHS: readonly string[] = ["-1", "0", "1", "99999999999999999999", "0x10", "1, 1", "", "1e3", "+5"];
const FRAMINGS: readonly string[] = [
  "chunked",
  "gzip, chunked",
  "chunked, chunked",
  "identity",
  "xchunked",
  "Chunked ",
];

/** The bytes of a request, right or with its framing spoiled. */
export function rawBytes({ method, path, headers, body = "" }: HttpInput, draw: Draw): Buffer {
  const content = Buffer.from(body as string);
  const length = draw.oneIn(6) ? draw.of(LENGTHS) : String(content.length);
  const lines = [
    `${method} ${path} HTTP/${draw.oneIn(12) ? draw.of(["1.0", "0.9", "2.0", "1.1 ", "x"]) : "1.1"}`,
    ...(draw.oneIn(15) ? [] : ["host: 127.0.0.1"]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(content.length > 0 || draw.oneIn(4) ? [`content-length: ${length}`] : []),
    ...(draw.oneIn(8) ? [`transfer-encoding: ${draw.of(FRAMINGS)}`] : []),
    ...(draw.oneIn(10)
      ? [draw.of(["expect: 100-continue", "expect: x", "upgrade: websocket", "te: x", "content-length: 3"])]
      : []),
    ...(draw.oneIn(20) ? [`x-long: ${"y".repeat(draw.below(30_000))}`] : []),
    ...(draw.oneIn(20) ? [oddText(draw)] : []),
    "connection: close",
  ];
  const end = draw.oneIn(15) ? "\n" : "\r\n";
  const whole = Buffer.concat([Buffer.from(lines.join(end) + end + end, "latin1"), content]);
  const kind = draw.below(10);
  if (kind === 0) return whole.subarray(0, draw.below(whole.length + 1));
  if (kind === 1) return Buffer.from(Array.from({ length: draw.below(300) }, () => draw.below(256)));
  if (kind === 2) return Buffer.concat([whole, whole]);
  return whole;
}

/** Sends bytes and resolves with the first answer; undefined where the server closed without one, which it may do. */
export function sendRaw(
  to: { readonly port: number } | { readonly path: string },
  bytes: Buffer,
  waits: boolean,
): Promise<Told | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Told | undefined>();
  const socket = connect("port" in to ? { port: to.port, host: "127.0.0.1" } : to);
  const pieces: Buffer[] = [];
  const late = setTimeout(() => {
    socket.destroy();
    reject(new Error("no answer, and the connection stays open"));
  }, HANGS_MS);
  socket.on("connect", () => (waits ? socket.write(bytes) : socket.end(bytes)));
  socket.on("data", (piece: Buffer) => pieces.push(piece));
  socket.on("error", () => {});
  socket.on("close", () => {
    clearTimeout(late);
    resolve(answerIn(Buffer.concat(pieces).toString("utf8")));
  });
  return promise;
}

/** The last answer, since an interim one may stand before it. */
function answerIn(text: string): Told | undefined {
  const after = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
  const [head = "", body = ""] = after.split("\r\n\r\n");
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  if (status === undefined) return undefined;
  const type = /^content-type: (.*)$/im.exec(head)?.[1] ?? null;
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  return { status: Number(status), type, text: Buffer.from(body).subarray(0, length).toString("utf8") };
}

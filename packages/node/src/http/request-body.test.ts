import { expect, test } from "vitest";
import { readJsonBody } from "./request-body.ts";

const limits = { bodyBytes: 1_000, jsonDepth: 8 };

function posted(body: string): Request {
  // in pieces, so that something is left to read where the limit is found
  const pieces = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < body.length; at += 400)
        controller.enqueue(new TextEncoder().encode(body.slice(at, at + 400)));
      controller.close();
    },
  });
  const headers = { "content-type": "application/json" };
  return new Request("http://notes.test/", { method: "POST", headers, body: pieces, duplex: "half" });
}

test("a body is read whole, in however many pieces it comes", async () => {
  const words = "x".repeat(900);
  expect(await readJsonBody({ request: posted(JSON.stringify(words)), incoming: undefined }, limits)).toBe(words);
});

test("a body over the limit is refused", async () => {
  const read = readJsonBody({ request: posted(`"${"x".repeat(5_000)}"`), incoming: undefined }, limits);
  await expect(read).rejects.toMatchObject({ code: "body-too-large" });
});

// A copy shares the stream: it is given up only when both are, so whoever waited for that waited for ever.
test("a body over the limit is refused also where a copy of the request is kept unread", async () => {
  const request = posted(`"${"x".repeat(5_000)}"`);
  const copy = request.clone();
  await expect(readJsonBody({ request, incoming: undefined }, limits)).rejects.toMatchObject({
    code: "body-too-large",
  });
  expect(copy.bodyUsed).toBe(false);
});

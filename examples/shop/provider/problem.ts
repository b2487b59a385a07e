/** Every refusal of the provider: HTTP status, meaning and what to do about it. */
export const problems = {
  "malformed-json": [400, "The body is not JSON.", "Send one JSON object, encoded as UTF-8."],
  "invalid-body": [400, "The body does not have the expected fields.", "See GET /help for the fields of each route."],
  "missing-idempotency-key": [
    400,
    "The header Idempotency-Key is missing or unusable.",
    "Send 1 to 200 printable ASCII characters, the same for every attempt of one charge or refund.",
  ],
  "invalid-parameter": [
    400,
    "A query parameter is not usable.",
    "`after` is the `next` of a page; `limit` is 1 to 1000.",
  ],
  "unknown-route": [404, "There is no such route.", "See GET /help for the routes."],
  "method-not-allowed": [405, "The route exists, but not with this method.", "See the header Allow."],
  "body-too-large": [413, "The body is over 16 KiB.", "Send only the documented fields."],
  "key-reused": [
    422,
    "This idempotency key was used for another request.",
    "Use a new key for a new charge or refund.",
  ],
  down: [503, "The provider is down for maintenance.", "Ask again later with the same idempotency key."],
  "not-recorded": [
    503,
    "The ledger could not be written.",
    "Check the disk of the data folder and ask again with the same key.",
  ],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof problems;

export class Problem extends Error {
  readonly code: ProblemCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, detail?: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail ?? problems[code][1]);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return problems[this.code][0];
  }

  toJSON(): object {
    const [status, title, remedy] = problems[this.code];
    return { type: "about:blank", status, title, detail: this.message, code: this.code, remedy };
  }
}

/** Why the replay cannot run or judge: exit 2, with a code and what to do. */
export class ReplayFailure extends Error {
  readonly code: FailureCode;

  constructor(code: FailureCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }

  get remedy(): string {
    return remedies[this.code];
  }
}

const remedies = {
  "usage-invalid": "Run it with --help.",
  "file-unreadable": "Check the path; a gzip file must be complete.",
  "header-unknown": "Use a CSV whose first line is that header, separated by commas.",
  "nothing-to-replay": "Use a file with invoices below its header.",
  "token-missing": "Start the shop once with the same --data, pass --token, or set BANYAN_DEV_TOKEN.",
  "token-refused": "Use the token that the shop printed when it started; it needs the operator role.",
  "shop-unreachable": "Start the shop (npm run shop) or name its address with --url.",
  "shop-gone":
    "Look at the shop's output, start it again and repeat the replay: keys are the same, nothing happens twice.",
  "shop-unexpected": "Check that --url names the shop and that both come from the same version.",
} as const satisfies Record<string, string>;

export type FailureCode = keyof typeof remedies;

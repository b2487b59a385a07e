/** Something outside that bookings are brought to. */
export interface Notary {
  /** The same key gets the same stamp. */
  stamp(key: string): Promise<string>;
  /** Each call files once more, and answers a receipt of its own. */
  file(key: string, transferId: string): Promise<string>;
  /** Takes down under which key an entry was brought. */
  attest(entryId: string, key: string): Promise<void>;
  /** The receipt of what was filed under the key. */
  filed(key: string): Promise<{ readonly outcome: string } | undefined>;
}

interface Filing {
  readonly key: string;
  readonly transferId: string;
  readonly receipt: string;
  /** By a process that had been replaced: it had begun before, and no fence reaches the outside. */
  readonly late: boolean;
}

/** What a line of the ledger got from outside. */
export interface Papers {
  readonly transferId: string;
  readonly stamp: string;
  readonly receipt: string;
}

/** The outside, with a record of its own of what it was asked. */
export class NotaryOffice {
  readonly #stamps = new Map<string, string>();
  readonly #filings: Filing[] = [];
  readonly #keys = new Map<string, string>();
  readonly #disagreements: string[] = [];
  #desks = 0;

  /** Every process comes to a desk of its own; the last one that was opened is the one in charge. */
  desk(): Notary {
    const desk = ++this.#desks;
    return {
      stamp: async (key) => this.#stamp(key),
      file: async (key, transferId) => this.#file(key, transferId, desk),
      attest: async (entryId, key) => this.#attest(entryId, key),
      filed: async (key) => {
        const filing = this.#filings.find((known) => known.key === key);
        return filing === undefined ? undefined : { outcome: filing.receipt };
      },
    };
  }

  /** What of the ledger does not agree with this record. */
  disagreements(papers: readonly Papers[]): readonly string[] {
    const stamps = new Set(this.#stamps.values());
    return [
      ...this.#disagreements,
      ...this.#filedTwice(),
      ...papers.flatMap((line) => {
        const filings = this.#filings.filter(({ transferId }) => transferId === line.transferId);
        const known = filings.some(({ receipt }) => receipt === line.receipt);
        return [
          ...(known ? [] : [`the line of ${line.transferId} has ${line.receipt}, which nobody got for it`]),
          ...(stamps.delete(line.stamp)
            ? []
            : [`the line of ${line.transferId} has ${line.stamp}, which is not its own`]),
        ];
      }),
      ...[...stamps].map((stamp) => `${stamp} belongs to no line`),
    ];
  }

  #stamp(key: string): string {
    const stamp = this.#stamps.get(key) ?? `stamp-${this.#stamps.size + 1}`;
    this.#stamps.set(key, stamp);
    return stamp;
  }

  #attest(entryId: string, key: string): void {
    const known = this.#keys.get(entryId) ?? key;
    this.#keys.set(entryId, known);
    if (known !== key) this.#disagreements.push(`entry ${entryId} was brought under two keys`);
  }

  #file(key: string, transferId: string, desk: number): string {
    const receipt = `receipt-${this.#filings.length + 1}`;
    this.#filings.push({ key, transferId, receipt, late: desk !== this.#desks });
    return receipt;
  }

  #filedTwice(): readonly string[] {
    const filings = Map.groupBy(
      this.#filings.filter(({ late }) => !late),
      ({ transferId }) => transferId,
    );
    return [...filings].flatMap(([transferId, { length }]) =>
      length > 1 ? [`${transferId} was filed ${length} times`] : [],
    );
  }
}

import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CsvReader, type CsvRecord } from "./csv.ts";
import { ReplayFailure } from "./failure.ts";
import { type Plan, Planner } from "./plan.ts";
import { columns, isHeader, readRow } from "./row.ts";

export interface PlanFileOptions {
  readonly file: string;
  readonly limit: number;
}

/** Reads a CSV, gzipped or not (its content decides, not its name), in pieces. */
export async function planFile({ file, limit }: PlanFileOptions): Promise<Plan> {
  const planner = new Planner(limit);
  const intake = new Intake(file, planner);
  try {
    const unzip = (await isGzip(file)) ? [createGunzip()] : [];
    await pipeline([createReadStream(file), ...unzip, (text: Readable) => intake.readAll(text)]);
  } catch (error) {
    if (error instanceof ReplayFailure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ReplayFailure("file-unreadable", `${file} cannot be read: ${why}.`, { cause: error });
  }
  const plan = planner.finish();
  if (plan.invoices === 0) throw new ReplayFailure("nothing-to-replay", `${file} has no invoice that can be read.`);
  return plan;
}

class Intake {
  readonly #file: string;
  readonly #planner: Planner;
  readonly #csv = new CsvReader();
  #headerSeen = false;

  constructor(file: string, planner: Planner) {
    this.#file = file;
    this.#planner = planner;
  }

  async readAll(bytes: Readable): Promise<void> {
    const decoder = new TextDecoder();
    for await (const piece of bytes as AsyncIterable<Buffer>) {
      this.#take(this.#csv.push(decoder.decode(piece, { stream: true })));
    }
    this.#take(this.#csv.push(decoder.decode()));
    this.#take(this.#csv.end());
    if (!this.#headerSeen) throw new ReplayFailure("header-unknown", `${this.#file} is empty; ${expected}`);
  }

  #take(records: readonly CsvRecord[]): void {
    for (const record of records) {
      if (this.#headerSeen) this.#planner.add(readRow(record));
      else this.#checkHeader(record);
    }
  }

  #checkHeader(record: CsvRecord): void {
    const fields = "fields" in record ? record.fields : [];
    if (!isHeader(fields)) {
      const got = "fields" in record ? fields.join(",").slice(0, 200) : record.flaw;
      throw new ReplayFailure("header-unknown", `The first line of ${this.#file} is "${got}"; ${expected}`);
    }
    this.#headerSeen = true;
  }
}

const expected = `expected was "${columns.join(",")}".`;

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const head = Buffer.alloc(2);
    await handle.read(head, 0, 2, 0);
    return head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

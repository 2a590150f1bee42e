import { stringify } from "csv-stringify/sync";
import { defuse } from "../changes/defuse.ts";
import type { TextWriter } from "./text-writer.ts";

/** Records that are turned into text together: enough to make the call cheap, few enough to hold a batch of very long rows. */
const BATCH = 64;
const BOM = "\uFEFF";

/**
 * Writes records as CSV that Excel opens right: UTF-8 with BOM, commas, CRLF, formulas defused in every cell, the header included.
 */
export class CsvWriter {
  readonly #text: TextWriter;
  #records: string[][] = [];
  #written = 0;

  private constructor(text: TextWriter) {
    this.#text = text;
  }

  static async open(text: TextWriter, header: readonly string[]): Promise<CsvWriter> {
    await text.write(BOM + csvText([header]));
    return new CsvWriter(text);
  }

  /** Records written so far, without the header. */
  get written(): number {
    return this.#written;
  }

  async write(record: string[]): Promise<void> {
    this.#written += 1;
    this.#records.push(record);
    if (this.#records.length >= BATCH) await this.#writeBatch();
  }

  /** Writes what is left. */
  async finish(): Promise<void> {
    await this.#writeBatch();
    await this.#text.flush();
  }

  async #writeBatch(): Promise<void> {
    const records = this.#records;
    this.#records = [];
    if (records.length > 0) await this.#text.write(csvText(records));
  }
}

/** The same as text, piece by piece; the first record is the header. */
export async function* renderCsv(records: AsyncIterable<string[]>): AsyncGenerator<string> {
  yield BOM;
  let batch: string[][] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    yield csvText(batch);
    batch = [];
  }
  if (batch.length > 0) yield csvText(batch);
}

function csvText(records: readonly (readonly string[])[]): string {
  return stringify(
    records.map((record) => record.map(defuse)),
    // Said too, because with a delimiter of one's own a lone \n or \r is not quoted by default.
    { record_delimiter: "\r\n", quote_record_delimiter: true },
  );
}

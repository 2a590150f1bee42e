import type { RunRow } from "../runs/run.ts";
import { CsvWriter } from "./csv-writer.ts";
import type { Sheet } from "./sheet.ts";
import type { TextWriter } from "./text-writer.ts";

/** A sheet on its way into a file, which is begun with the first row that belongs into it. */
export class SheetFile {
  readonly #sheet: Sheet;
  readonly #create: () => TextWriter;
  #csv: CsvWriter | null = null;

  constructor(sheet: Sheet, create: () => TextWriter) {
    this.#sheet = sheet;
    this.#create = create;
  }

  /** Rows written. */
  get rows(): number {
    return this.#csv?.written ?? 0;
  }

  async add(row: RunRow): Promise<void> {
    const record = this.#sheet.record(row);
    if (record === null) return;
    const csv = await this.begin();
    await csv.write(record);
  }

  /** Begins the file even though no row may come. */
  async begin(): Promise<CsvWriter> {
    this.#csv ??= await CsvWriter.open(this.#create(), this.#sheet.header);
    return this.#csv;
  }

  /** Writes what is left; does nothing where the file was never begun. */
  async finish(): Promise<void> {
    await this.#csv?.finish();
  }
}

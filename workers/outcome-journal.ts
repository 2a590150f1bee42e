import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import type { RecordedResult, RowStore } from "../src/runs/row-store.ts";
import type { RunRow } from "../src/runs/run.ts";
import { makeTemporaryFolder } from "../src/temporary-folder.ts";

/**
 * The rows whose outcome this process recorded, in a temporary file of its own: what is left to report from when the
 * datastore forgets the run. Memory does not grow with the rows.
 */
export class OutcomeJournal {
  readonly #folder: string;
  readonly #stream: WriteStream;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#stream = createWriteStream(join(folder, "rows.ndjson"), { mode: 0o600 });
    this.#stream.on("error", () => undefined); // a full disk must not end the run; `rows` answers what was kept
  }

  static async open(): Promise<OutcomeJournal> {
    return new OutcomeJournal(await makeTemporaryFolder("bulkpatch-outcomes-"));
  }

  /** The same rows, with what is recorded of them written down here as well. */
  keeping(rows: RowStore): RowStore {
    const inHand = new Map<number, RunRow>();
    return {
      stage: (runId, staged, options) => rows.stage(runId, staged, options),
      all: (runId, from) => rows.all(runId, from),
      outstanding: (runId) => rows.outstanding(runId),
      page: (runId, filter) => rows.page(runId, filter),
      causes: (runId) => rows.causes(runId),
      get: async (runId, n) => {
        const row = await rows.get(runId, n);
        if (row !== null) inHand.set(n, row);
        return row;
      },
      outstandingIn: async (runId, from, to) => {
        const found = await rows.outstandingIn(runId, from, to);
        for (const row of found) inHand.set(row.n, row);
        return found;
      },
      record: async (runId, results, requests) => {
        const fresh = await rows.record(runId, results, requests);
        let lines = "";
        for (const recorded of results) {
          const row = inHand.get(recorded.n);
          if (row !== undefined) lines += lineOf(row, recorded);
          inHand.delete(recorded.n);
        }
        if (lines !== "" && this.#stream.writable) this.#stream.write(lines);
        return fresh;
      },
    };
  }

  /** The rows so far, in the order of the spreadsheet; ends the journal. May be called again. */
  async rows(): Promise<() => AsyncIterable<RunRow>> {
    if (!this.#stream.writableEnded) {
      this.#stream.end();
      await finished(this.#stream).catch(() => undefined);
    }
    const order: { n: number; at: number }[] = [];
    let at = 0;
    for await (const line of this.#lines()) order.push({ n: (JSON.parse(line) as RunRow).n, at: at++ });
    order.sort((a, b) => a.n - b.n);
    const rank = new Map(order.map(({ at: line }, index) => [line, index]));
    return () => this.#sorted(rank);
  }

  async close(): Promise<void> {
    this.#stream.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #lines(): AsyncIterable<string> {
    return createInterface({ input: createReadStream(join(this.#folder, "rows.ndjson")), crlfDelay: Infinity });
  }

  /** Rows end nearly in order: only those that came too early are held back. */
  async *#sorted(rank: ReadonlyMap<number, number>): AsyncGenerator<RunRow> {
    const early = new Map<number, RunRow>();
    let next = 0;
    let at = 0;
    for await (const line of this.#lines()) {
      early.set(rank.get(at++)!, JSON.parse(line) as RunRow);
      for (let row = early.get(next); row !== undefined; row = early.get(next)) {
        early.delete(next++);
        yield row;
      }
    }
  }
}

function lineOf(row: RunRow, { result, provenance }: RecordedResult): string {
  const ended: RunRow = { ...row, result, provenance: provenance ?? row.provenance };
  return `${JSON.stringify(ended)}\n`;
}

import { finished } from "node:stream/promises";
import { CsvError, parse, type Parser } from "csv-parse";
import { makeQuoteCheck } from "./quote-check.ts";
import type { RawRow } from "./row-reader.ts";
import { SourceError } from "./source.ts";

/** The longest row, in bytes: an unclosed quote is noticed at the latest here. */
const LONGEST_ROW = 1024 * 1024;

/**
 * The rows of a CSV file in batches of a chunk's worth, empty ones included.
 * @param file name for messages
 * @param chunks UTF-8
 * @throws SourceError `unclosed_quote`, `row_too_long`, each naming the row
 */
export async function* readCsvRows(
  file: string,
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): AsyncGenerator<RawRow[]> {
  let batch: RawRow[] = [];
  let row = 0;
  const parser = parse({
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    max_record_size: LONGEST_ROW,
    on_record: (cells: string[]) => {
      batch.push({ row: ++row, cells });
      return null;
    },
  });
  parser.resume();
  const ended = finished(parser);
  ended.catch(() => {});
  const take = () => {
    const rows = batch;
    batch = [];
    return rows;
  };
  const findFault = makeQuoteCheck(delimiter);
  // The parser gets each byte only once the check has seen the next, so that at a fault it is still inside the quotes.
  let heldBack: Buffer = Buffer.alloc(0);
  // The parser's own limit counts no delimiters.
  let bytesSinceRow = 0;
  try {
    for await (const chunk of chunks) {
      const fault = findFault(chunk);
      if (fault !== null) {
        await write(parser, Buffer.concat([heldBack, chunk]).subarray(0, heldBack.length + fault));
        break;
      }
      if (chunk.length === 0) continue;
      await write(parser, Buffer.concat([heldBack, chunk.subarray(0, -1)]));
      heldBack = chunk.subarray(-1);
      const rows = take();
      bytesSinceRow = rows.length > 0 ? 0 : bytesSinceRow + chunk.length;
      if (bytesSinceRow > LONGEST_ROW) throw rowTooLong(file, row + 1);
      yield rows;
    }
    parser.end(heldBack);
    await ended;
    yield take();
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (batch.length > 0) yield take();
    throw error.code === "CSV_MAX_RECORD_SIZE" ? rowTooLong(file, row + 1) : unclosedQuote(file, row + 1);
  } finally {
    parser.destroy();
  }
}

function write(parser: Parser, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

function rowTooLong(file: string, row: number): SourceError {
  return new SourceError(
    "row_too_long",
    `${file} row ${row}: expected at most 1 MiB, found more`,
    `Look for a quote (") in row ${row} that is opened and never closed, or shorten the row.`,
  );
}

function unclosedQuote(file: string, row: number): SourceError {
  return new SourceError(
    "unclosed_quote",
    `${file} row ${row}: expected a closing quote ("), found none that ends the cell`,
    `Close the quote in row ${row}, or write it twice ("") where it belongs to the text.`,
  );
}

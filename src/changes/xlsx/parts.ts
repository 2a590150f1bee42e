import type { Readable } from "node:stream";
import { type Entry, fromBufferPromise, type ZipFile } from "yauzl";
import { notASpreadsheet } from "../file-kind.ts";
import { SourceError } from "../source.ts";

const MIB = 1024 * 1024;
/** Uncompressed; a million rows of ordinary columns take a quarter of it. */
const LARGEST_PART = 1024 * MIB;
/** Entries of the zip file; a workbook has a few dozen. */
const MOST_PARTS = 10_000;

/** The files inside a workbook. */
export interface Parts {
  /** The workbook's own name, for messages. */
  file: string;
  has(name: string): boolean;
  /** Uncompressed bytes, or 0 where there is no such part. */
  size(name: string): number;
  /** The part's bytes; unpacked as they are read. Never more than the file said it holds. */
  read(name: string): AsyncIterable<Buffer>;
}

/** @throws SourceError `xlsx_damaged`, `xlsx_too_large`, `not_a_spreadsheet` */
export async function openParts(file: string, bytes: Buffer): Promise<Parts> {
  const entries = new Map<string, Entry>();
  let zip: ZipFile;
  try {
    zip = await fromBufferPromise(bytes, { lazyEntries: true, autoClose: false });
    if (zip.entryCount > MOST_PARTS) throw tooLarge(file, `${zip.entryCount} parts`);
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName.replace(/^\//, "").toLowerCase(), entry);
  } catch (error) {
    throw error instanceof SourceError ? error : damaged(file, error);
  }
  const other = otherZip(entries);
  if (other !== null) throw notASpreadsheet(file, other);
  return {
    file,
    has: (name) => entries.has(name.toLowerCase()),
    size: (name) => entries.get(name.toLowerCase())?.uncompressedSize ?? 0,
    async *read(name) {
      const entry = entries.get(name.toLowerCase());
      if (entry === undefined) throw damaged(file, new Error(`it has no part ${name}`));
      if (entry.uncompressedSize > LARGEST_PART)
        throw tooLarge(file, `${Math.round(entry.uncompressedSize / MIB)} MiB in ${name}`);
      let stream: Readable | null = null;
      try {
        stream = await zip.openReadStreamPromise(entry);
        for await (const chunk of stream) yield chunk as Buffer;
      } catch (error) {
        throw error instanceof SourceError ? error : damaged(file, error);
      } finally {
        stream?.destroy();
      }
    },
  };
}

/** `cause`: what could not be read, or why. */
export function damaged(file: string, cause: unknown): SourceError {
  return new SourceError(
    "xlsx_damaged",
    `${file}: expected an .xlsx workbook, found one that is damaged: ${(cause as Error).message.split("\n")[0]}`,
    `Open it in Excel or LibreOffice and save it again, or save it as "CSV UTF-8".`,
  );
}

/** `what`: with its number. */
export function tooLarge(file: string, what: string): SourceError {
  return new SourceError(
    "xlsx_too_large",
    `${file}: expected a workbook within the limits for .xlsx, found ${what}`,
    `Save the sheet as "CSV UTF-8": CSV files may be of any size.`,
  );
}

/** What a zip file is that is no .xlsx workbook; null when it is one. */
function otherZip(entries: ReadonlyMap<string, Entry>): string | null {
  if (entries.has("xl/workbook.bin")) return "an .xlsb workbook";
  if (entries.has("[content_types].xml") && [...entries.keys()].some((name) => name.startsWith("xl/"))) return null;
  if (entries.has("word/document.xml")) return "a Word document";
  if (entries.has("ppt/presentation.xml")) return "a PowerPoint file";
  if (entries.has("content.xml") && entries.has("mimetype")) return "an OpenDocument file (.ods)";
  if (entries.has("index/document.iwa")) return "a Numbers document";
  return "a zip archive; unpack it first";
}

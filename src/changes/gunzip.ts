import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SourceError } from "./source.ts";

/** Unpacked bytes; a hundred million rows, or a file made to fill the machine. */
const MOST_BYTES = 8 * 1024 ** 3;

/** @throws SourceError `gzip_damaged`, `gzip_too_large` */
export async function* gunzip(file: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacked = createGunzip();
  // What the source throws is destroyed into `unpacked`, and so thrown below.
  pipeline(Readable.from(chunks), unpacked, () => {});
  let bytes = 0;
  try {
    for await (const chunk of unpacked) {
      bytes += (chunk as Buffer).length;
      if (bytes > MOST_BYTES) {
        throw new SourceError(
          "gzip_too_large",
          `${file}: expected at most 8 GiB when unpacked, found more`,
          "Split the spreadsheet into several files.",
        );
      }
      yield chunk as Buffer;
    }
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(
      "gzip_damaged",
      `${file}: expected a gzip file, found one that is cut off or damaged: ${(error as Error).message}`,
      "Make or download the file again.",
    );
  } finally {
    unpacked.destroy();
  }
}

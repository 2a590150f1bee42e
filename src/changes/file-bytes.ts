import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { SourceError } from "./source.ts";

/** Where a spreadsheet's bytes come from. */
export interface Bytes {
  /** The file's name without folders, or `standard input`. */
  name: string;
  path: string | null;
  chunks: AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** @throws SourceError `file_not_found`, `file_is_directory`, `file_unreadable` */
export async function openFile(path: string): Promise<Bytes> {
  const name = basename(path);
  try {
    const file = await open(path, "r");
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw Object.assign(new Error("a directory"), { code: "EISDIR" });
    }
    const stream = file.createReadStream({ highWaterMark: 64 * 1024 });
    return {
      name,
      path: resolve(path),
      chunks: explainErrors(stream, (error) => explain(path, error)),
      close: () => destroy(stream),
    };
  } catch (error) {
    throw explain(path, error);
  }
}

/** The bytes of standard input; an error while reading is a SourceError `file_unreadable`. */
export function openStandardInput(stdin: Readable): Bytes {
  return {
    name: "standard input",
    path: null,
    chunks: explainErrors(stdin, (error) => explain("standard input", error)),
    close: () => destroy(stdin),
  };
}

/** Chunks that are hashed on their way. */
export interface Hashed {
  chunks: AsyncIterable<Buffer>;
  /** Reads what the reader of `chunks` left. */
  finish: () => Promise<void>;
  /** SHA-256 of all bytes, hex; known after `finish`. */
  sha256: () => string;
}

/** The same chunks, hashed on their way. */
export function hashed(chunks: AsyncIterable<Buffer>): Hashed {
  const hash = createHash("sha256");
  const iterator = chunks[Symbol.asyncIterator]();
  let digest: string | null = null;
  // Not for await, which would close the file when the reader has enough.
  async function* rest(): AsyncGenerator<Buffer> {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      hash.update(next.value);
      yield next.value;
    }
    digest ??= hash.digest("hex");
  }
  return {
    chunks: rest(),
    async finish() {
      for await (const _ of rest());
    },
    sha256() {
      if (digest === null) throw new Error("The checksum is known only once all rows are read.");
      return digest;
    },
  };
}

async function* explainErrors(stream: Readable, explain: (error: unknown) => Error): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Buffer);
  } catch (error) {
    throw explain(error);
  }
}

async function destroy(stream: Readable): Promise<void> {
  stream.destroy();
  // What went wrong before was told to the reader; here it only matters that the stream is closed.
  await finished(stream).catch(() => {});
}

function explain(path: string, error: unknown): SourceError {
  const { code } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return new SourceError(
        "file_not_found",
        `${path}: expected a spreadsheet, found no such file`,
        "Check the name and the folder you are in.",
      );
    case "EISDIR":
      return new SourceError(
        "file_is_directory",
        `${path}: expected a spreadsheet, found a directory`,
        "Name a file in it.",
      );
    case "EACCES":
    case "EPERM":
      return new SourceError(
        "file_unreadable",
        `${path}: expected to be allowed to read the file, found no permission`,
        "Allow your user to read it, or copy it somewhere else.",
      );
    default:
      return new SourceError(
        "file_unreadable",
        `${path}: the file could not be read: ${(error as Error).message}`,
        "Check that the disk or network drive is there, and try again.",
      );
  }
}

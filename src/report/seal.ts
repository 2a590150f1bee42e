import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

const PIECE = 64 * 1024;

/**
 * Ends a JSON text with the sha256 of all its bytes so far, by which a change of one byte is found. The pieces are an object
 * without its last brace, and end with a comma.
 */
export async function* seal(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  yield sealOf(hash.digest("hex"));
}

/** What a sealed text ends with. */
function sealOf(sha256: string): string {
  return `  "sha256_of_the_above": "${sha256}"\n}\n`;
}

const SEAL_BYTES = sealOf("0".repeat(64)).length;

/** A sealed file, as it is found. */
export interface SealedFile {
  /** False: some byte is not as it was written. */
  intact: boolean;
  /** Of all its bytes. */
  sha256: string;
  /** Its first bytes as text: enough for what stands at its beginning. */
  start: string;
}

/** Reads a sealed file once; memory stays the same whatever its size. Throws what opening and reading a file throws. */
export async function readSealed(path: string): Promise<SealedFile> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const above = createHash("sha256");
    const whole = createHash("sha256");
    const sealAt = Math.max(0, size - SEAL_BYTES);
    let start = "";
    let end = "";
    const buffer = Buffer.allocUnsafe(PIECE);
    for (let position = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, PIECE, position);
      if (bytesRead === 0) break;
      const bytes = buffer.subarray(0, bytesRead);
      const split = Math.max(0, Math.min(bytesRead, sealAt - position));
      if (position === 0) start = bytes.toString("utf8");
      above.update(bytes.subarray(0, split));
      end += bytes.subarray(split).toString("latin1");
      whole.update(bytes);
      position += bytesRead;
    }
    return { intact: end === sealOf(above.digest("hex")), sha256: whole.digest("hex"), start };
  } finally {
    await file.close();
  }
}

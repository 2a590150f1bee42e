import { isAscii, isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { show } from "../cells/show.ts";
import { SourceError } from "../source.ts";
import type { EncodingGuess } from "./guess-encoding.ts";
import { ENCODINGS } from "./names.ts";

/** A byte-order mark and what follows it. */
const MARKS: [Buffer, string][] = [
  [Buffer.from([0xef, 0xbb, 0xbf]), "utf-8"],
  [Buffer.from([0xff, 0xfe]), "utf-16le"],
  [Buffer.from([0xfe, 0xff]), "utf-16be"],
];

/** The encoding that the first bytes announce, or null. */
export function encodingByMark(head: Buffer): string | null {
  return MARKS.find(([mark]) => head.subarray(0, mark.length).equals(mark))?.[1] ?? null;
}

/** @throws SourceError `unknown_encoding` */
export function makeDecoder(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    throw new SourceError(
      "unknown_encoding",
      `--encoding: expected the name of an encoding, found "${encoding}"`,
      `Use one of ${ENCODINGS.join(", ")}.`,
    );
  }
}

/** The text in UTF-8 without a byte-order mark; bytes that don't fit the encoding become U+FFFD. */
export async function* decodeToUtf8(chunks: AsyncIterable<Buffer>, decoder: TextDecoder): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

/**
 * The text in UTF-8, from a file that doesn't say what it is: UTF-8 as long as it is valid. At the first byte that isn't, what came
 * before decides: real UTF-8 stays UTF-8 (the damaged place becomes U+FFFD), plain ASCII goes on in the encoding that the bytes most look like,
 * which is said in `notes`.
 * @param file name for messages
 * @throws SourceError `encoding_unclear` where two encodings are about as likely and read the text differently
 */
export async function* detectToUtf8(
  file: string,
  chunks: AsyncIterable<Buffer>,
  notes: string[],
): AsyncGenerator<Buffer> {
  let tail: Buffer = Buffer.alloc(0);
  let state: "ascii" | "utf-8" | TextDecoder = "ascii";
  const take = async (bytes: Buffer): Promise<Buffer> => {
    if (typeof state !== "string") return Buffer.from(state.decode(bytes, { stream: true }));
    if (isAscii(bytes)) return bytes;
    if (state === "ascii" && (isUtf8(bytes) || isMostlyUtf8(bytes))) state = "utf-8";
    if (state === "utf-8") return bytes;
    const { guessEncoding } = await import("./guess-encoding.ts");
    const guess = guessEncoding(bytes);
    if (!guess.isCertain) throw unclear(file, guess);
    const [{ encoding, texts }] = guess.likeliest;
    notes.push(
      `Read as ${encoding}, because it is not valid UTF-8; for example ${samples(texts)}. Use --encoding if letters look wrong.`,
    );
    state = new TextDecoder(encoding);
    return Buffer.from(state.decode(bytes, { stream: true }));
  };
  for await (const chunk of chunks) {
    const bytes = tail.length === 0 ? chunk : Buffer.concat([tail, chunk]);
    const whole = typeof state !== "string" ? bytes.length : bytes.length - unfinishedBytes(bytes);
    tail = bytes.subarray(whole);
    if (whole > 0) yield await take(bytes.subarray(0, whole));
  }
  if (tail.length > 0) yield await take(tail);
}

/** How many bytes at the end belong to a character that isn't complete: 0 to 3. */
function unfinishedBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** True when more characters beyond ASCII are valid than damaged; in Windows-1252 hardly any is valid. */
function isMostlyUtf8(bytes: Buffer): boolean {
  const text = bytes.toString("utf8");
  let damaged = 0;
  let valid = 0;
  for (const character of text) {
    if (character === "\ufffd") damaged++;
    else if (character > "\u007f") valid++;
  }
  return valid > damaged;
}

/** Three cells that are read in a way, quoted. */
function samples(texts: readonly string[]): string {
  return texts
    .slice(0, 3)
    .map((text) => show(text.trim()))
    .join(", ");
}

function unclear(file: string, { likeliest }: EncodingGuess): SourceError {
  const [first, second] = likeliest;
  return new SourceError(
    "encoding_unclear",
    `${file}: expected UTF-8, found text that may be ${first.encoding} (${samples(first.texts)}) or ${second.encoding} (${samples(second.texts)})`,
    `Add --encoding ${first.encoding} or --encoding ${second.encoding}, whichever reads right, or export the file as "CSV UTF-8".`,
  );
}

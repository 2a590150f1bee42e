import { type Parts, tooLarge } from "./parts.ts";
import { readXml } from "./xml.ts";

/** Uncompressed bytes of the table; all of it is held in memory. */
const LARGEST_TABLE = 256 * 1024 * 1024;

/** The texts that cells refer to by number. */
export async function readSharedStrings(parts: Parts, part: string | null): Promise<string[]> {
  if (part === null || !parts.has(part)) return [];
  if (parts.size(part) > LARGEST_TABLE)
    throw tooLarge(parts.file, `${Math.round(parts.size(part) / 1024 / 1024)} MiB of text`);
  const strings: string[] = [];
  const text = makeTextCollector();
  const chunks = readXml(parts, part, {
    open(name) {
      if (name === "si") text.start();
      else text.open(name);
    },
    text: (piece) => text.add(piece),
    close(name) {
      text.close(name);
      if (name === "si") strings.push(text.take());
    },
  });
  while ((await chunks.next()).done !== true);
  return strings;
}

/**
 * Collects the text of a cell or shared string: all its `t` elements, one for each run of one formatting,
 * without the reading aids of Japanese text (`rPh`).
 */
export function makeTextCollector() {
  let collected = "";
  let inText = false;
  let inAid = false;
  return {
    start() {
      collected = "";
    },
    open(name: string) {
      if (name === "rPh") inAid = true;
      else if (name === "t") inText = !inAid;
    },
    add(piece: string) {
      if (inText) collected += piece;
    },
    close(name: string) {
      if (name === "rPh") inAid = false;
      else if (name === "t") inText = false;
    },
    take: () => unescape(collected),
  };
}

/** `_x000D_` stands for a character that XML can't hold. Source: ECMA-376 part 1, 22.9.2.19 (ST_Xstring). */
function unescape(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([\da-f]{4})_/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

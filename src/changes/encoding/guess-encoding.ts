import chardet from "chardet";
import { CANDIDATES, type Plausibility, weigh } from "./plausibility.ts";

/** Cells that are looked at. */
const MOST_CELLS = 300;
/** The least share of cells that must read well. */
const LEAST_SHARE = 0.8;
/** How far the best must be ahead of the next that reads differently. */
const LEAST_LEAD = 0.03;
/** What chardet's confidence, which knows the commonest sequences of letters, can add. */
const CHARDET_WEIGHT = 0.15;

/** One way to read the cells that have something beyond ASCII. */
export interface Reading {
  encoding: string;
  texts: string[];
}

/** What a text that is not UTF-8 may be encoded in. */
export interface EncodingGuess {
  /** The likeliest two, likeliest first, that read the text differently. */
  likeliest: [Reading, Reading];
  isCertain: boolean;
}

/** @param bytes a piece of a spreadsheet's text, with bytes beyond ASCII in it */
export function guessEncoding(bytes: Buffer): EncodingGuess {
  const cells = cellsBeyondAscii(bytes);
  const confidence = new Map<string, number>();
  for (const match of chardet.analyse(Buffer.concat(cells.flatMap((cell) => [cell, Buffer.from("\n")])))) {
    const name = match.name.toLowerCase();
    const encoding = LARGER[name] ?? name;
    confidence.set(encoding, Math.max(confidence.get(encoding) ?? 0, match.confidence / 100));
  }
  const total = ({ encoding, score }: Plausibility) => score + CHARDET_WEIGHT * (confidence.get(encoding) ?? 0);
  const weighed = CANDIDATES.map((encoding) => weigh(encoding, cells)).toSorted((a, b) => total(b) - total(a));
  const best = weighed[0]!;
  const next = weighed.find(({ texts }) => texts.some((text, i) => text !== best.texts[i]))!;
  return {
    likeliest: [best, next],
    isCertain: best.share >= LEAST_SHARE && total(best) - total(next) >= LEAST_LEAD,
  };
}

/** chardet's encodings of which ours are the larger. */
const LARGER: Record<string, string> = {
  "iso-8859-1": "windows-1252",
  "iso-8859-2": "windows-1250",
  "iso-8859-7": "windows-1253",
  "iso-8859-8": "windows-1255",
  "iso-8859-6": "windows-1256",
  "iso-8859-9": "windows-1254",
};

/** Cut where no encoding has a part of a letter; each cell once. */
function cellsBeyondAscii(bytes: Buffer): Buffer[] {
  const cells = bytes
    .toString("latin1")
    .split(/[,;\t\r\n"]+/)
    // oxlint-disable-next-line no-control-regex
    .filter((cell) => /[^\u0000-\u007f]/.test(cell));
  return [...new Set(cells)].slice(0, MOST_CELLS).map((cell) => Buffer.from(cell, "latin1"));
}

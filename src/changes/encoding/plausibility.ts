import { DOUBLE_BYTE, type DoubleByte, LATIN, SCRIPTS } from "./languages.ts";

/** The encodings between which is decided where a file is not UTF-8. */
export const CANDIDATES = [...Object.keys(LATIN), ...Object.keys(SCRIPTS), ...Object.keys(DOUBLE_BYTE)];

/** How far cells read like names and words when they are decoded in one way. */
export interface Plausibility {
  encoding: string;
  /** The cells decoded. */
  texts: string[];
  /** The share of the cells that read well, 0 to 1. */
  share: number;
  /** Everything that speaks for it: `share`, less for each further language that is needed, more for names as they are common. */
  score: number;
}

/** Each language beyond the first that a file seems to be written in. */
const FURTHER_LANGUAGE = 0.08;
/** At the most for names that begin as many do. */
const COMMON_NAMES = 0.3;
/** Most files that aren't UTF-8. */
const HEAD_START = 0.04;

/** @param cells bytes of cells that have something beyond ASCII */
export function weigh(encoding: string, cells: readonly Buffer[]): Plausibility {
  const decoder = new TextDecoder(encoding);
  const texts = cells.map((bytes) => decoder.decode(bytes));
  const doubleByte = DOUBLE_BYTE[encoding];
  const readsWell = doubleByte
    ? (text: string, i: number) => isCommon(cells[i]!, text, doubleByte)
    : makeReader(encoding);
  const share = texts.filter((text, i) => !LOST.test(text) && readsWell(text, i)).length / texts.length;
  const languages = LATIN[encoding];
  const bonus = doubleByte
    ? COMMON_NAMES * (texts.filter((text) => doubleByte.surnames.includes(text.trim()[0] ?? " ")).length / texts.length)
    : 0;
  const cost = languages ? FURTHER_LANGUAGE * (countLanguages(texts.join(""), languages) - 1) : 0;
  // Icelandic's own letters are Turkish, Polish and Baltic ones in other encodings.
  const headStart = encoding === "windows-1252" && !/[ðþý]/iu.test(texts.join("")) ? HEAD_START : 0;
  return { encoding, texts, share, score: share + bonus - cost + headStart };
}

/** Damage, control characters, and characters that nobody agreed on. */
const LOST = /[\ufffd\u0080-\u009f\ue000-\uf8ff]/;
/** A capital inside a word; Mc and Mac are written so. */
const INNER_CAPITAL = /(?<!\bMa?c)\p{Ll}\p{Lu}|\p{L}(?!\p{ASCII})\p{Lu}\p{Ll}/u;
/** A sign inside a word, or one that no word begins or ends with. */
const SIGN_IN_WORD =
  /[\p{L}\p{M}](?:[^\p{ASCII}\p{L}\p{M}\s’‘·]|[‚‘](?=[\p{L}\p{M}]{2}))[\p{L}\p{M}]|[^\p{ASCII}\p{L}\p{M}\s„“”«»‘’‚‹›¿¡–—…§©•·][\p{L}\p{M}]|[\p{L}\p{M}][¹²³¼½¾¤¦¨¬¯±´µ¶¸÷×¢£¥†‡‰˜ˆ]/u;

/** A word without a vowel, or with a sign that stands only behind consonants in another place. */
const CYRILLIC =
  /(?<![\p{L}\p{M}])[^\P{Script=Cyrillic}аеёиоуыэюяіїєў]{3,}(?![\p{L}\p{M}])|(?<![\p{L}\p{M}])[ьъы]|[аеёиоуыэюя][ьъ]/iu;

/** What no word of a script has. */
const IMPOSSIBLE: Readonly<Record<string, RegExp>> = {
  // Icelandic begins words with thorn and never with eth, where Turkish in the same bytes has s and g with a mark inside words.
  "windows-1252": /\p{L}þ|(?<!\p{L})ð/u,
  "windows-1251": CYRILLIC,
  "koi8-r": CYRILLIC,
  ibm866: CYRILLIC,
  "x-mac-cyrillic": CYRILLIC,
  "iso-8859-5": CYRILLIC,
  // A Greek word of small letters has an accent.
  "windows-1253": /(?<![\p{L}\p{M}])(?!\p{L}*[άέήίόύώΐΰΆΈΉΊΌΎΏ])\p{L}*[α-ως]{3}/u,
  // Points belong to prayer books, not to names.
  "windows-1255": /\p{M}/u,
  // Two letters that nobody writes any more; a vowel sign without its consonant.
  "windows-874": /[ฃฅ]|[เแโใไ](?![ก-ฮ])|(?<!\p{L}\p{M}*)\p{M}/u,
};

/** Judges a text of single bytes. */
function makeReader(encoding: string): (text: string) => boolean {
  const script = SCRIPTS[encoding];
  const letters = new Set(LATIN[encoding]?.join(""));
  const belongs = (letter: string) =>
    script ? script.test(letter) : letters.has(letter === "İ" ? "i" : letter.toLowerCase());
  return (text) => {
    // María is written Mª.
    const words = text.replace(/(?<=\p{Lu})[ªº]/gu, ".");
    if (INNER_CAPITAL.test(words) || SIGN_IN_WORD.test(words) || IMPOSSIBLE[encoding]?.test(words)) return false;
    return (words.match(/[\p{L}\p{M}]+/gu) ?? []).every((word) => {
      const beyond = Array.from(word).filter((letter) => letter > "\u007f");
      if (beyond.length === 0) return true;
      // Letters of two scripts make no word; a word of Latin letters is mostly plain ones.
      const isMixed = script ? beyond.length < word.length : beyond.length > word.length / 2 + 1;
      return !isMixed && beyond.every(belongs);
    });
  };
}

/** A sign beside a letter of ASCII, or one of the characters beside a small one. */
const BESIDE_PLAIN_LETTER =
  /[a-z]\p{Lo}|\p{Lo}[a-z]|[A-Za-z][^\p{ASCII}\p{L}\p{M}\s’‘·–—…“”]|[^\p{ASCII}\p{L}\p{M}\s’‘·–—…“”][A-Za-z]/u;

/** Whether the cell has common characters for the most part, none of them inside a word of plain letters. */
function isCommon(bytes: Buffer, text: string, { common, leastSecond, neutral }: DoubleByte): boolean {
  if (BESIDE_PLAIN_LETTER.test(text)) return false;
  if (/\p{Script=Hangul}/u.test(text) && /\p{Script=Han}/u.test(text)) return false;
  let pairs = 0;
  let others = 0;
  for (let i = 0; i < bytes.length; i++) {
    const first = bytes[i]!;
    if (first < 0x80) continue;
    const second = bytes[++i] ?? 0;
    if (first >= neutral[0] && first <= neutral[1]) continue;
    const isIn = common.some(([from, to]) => first >= from && first <= to) && second >= leastSecond;
    if (isIn) pairs++;
    else others++;
  }
  return others <= pairs / 4;
}

/** The least number of languages whose letters cover the text's, one more for letters that none of them has. */
function countLanguages(text: string, languages: readonly string[]): number {
  let left = new Set(Array.from(text.toLowerCase()).filter((letter) => /[^\p{ASCII}\P{L}]/u.test(letter)));
  for (let count = 0; ; count++) {
    if (left.size === 0) return Math.max(1, count);
    const without = languages.map((alphabet) => new Set([...left].filter((letter) => !alphabet.includes(letter))));
    const best = without.reduce((least, one) => (one.size < least.size ? one : least));
    if (best.size === left.size) return count + 1;
    left = best;
  }
}
